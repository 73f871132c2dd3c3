#include "common/mail_connection.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/curl_end.h"
#include "common/hosts_file.h"
#include "common/session_failure.h"
#include "common/tls_watch.h"

namespace mail_relay {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kLongestConnect{10'000};
constexpr std::size_t kMostShown = 500;
constexpr std::size_t kMostWords = 2048;
constexpr std::size_t kMostDialogue = 262'144;
constexpr std::size_t kPiece = 16'384;

std::string own_host_name() {
    std::array<char, 256> name{};
    const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
    return known ? name.data() : "localhost";
}

int milliseconds_of(milliseconds span) {
    return static_cast<int>(std::min<milliseconds::rep>(span.count() + 1, 1000));
}

}  // namespace

class MailConnection::Implementation {
  public:
    Implementation(const SessionRequest &request, std::string address)
        : request_(request),
          address_(std::move(address)),
          multi_(curl_multi_init(), curl_multi_cleanup),
          easy_(curl_easy_init(), curl_easy_cleanup),
          dialogue_(request.protocol, request.tls, Clock::now()),
          tls_(request.tls_policy, server()) {
        set_up_target();
        set_up_tls();
        set_up_login();
        set_up_callbacks();
    }

    ~Implementation() {
        // Ends the connection without a word: libcurl would wait minutes for an answer to QUIT.
        curl_multi_remove_handle(multi_.get(), easy_.get());
    }

    Implementation(const Implementation &) = delete;
    Implementation &operator=(const Implementation &) = delete;

    void open(Deadline deadline, Deadline greet_by) {
        deadline_ = deadline;
        const bool finished = perform(greet_by);
        synchronise();
        long error = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error);
        os_error_ = error;
        const bool logged_in = !request_.credentials || dialogue_.authenticated_with();
        if (!finished || code_ != CURLE_OK || !logged_in) {
            failure_ = explain(finished);
        }
    }

    Result<void> send(std::string_view bytes, Deadline deadline) {
        while (!bytes.empty()) {
            std::size_t sent = 0;
            const auto code = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &sent);
            if (code != CURLE_OK && code != CURLE_AGAIN) {
                return failed("{} closed the connection", where());
            }
            bytes.remove_prefix(sent);
            if (code == CURLE_AGAIN && !wait(POLLOUT, deadline)) {
                return failed("{} took no more data in time", where());
            }
        }
        return {};
    }

    Result<std::string> receive(Deadline deadline) {
        std::string piece(kPiece, '\0');
        for (;;) {
            std::size_t got = 0;
            const auto code = curl_easy_recv(easy_.get(), piece.data(), piece.size(), &got);
            if (code == CURLE_OK && got > 0) {
                piece.resize(got);
                return piece;
            }
            if (code != CURLE_AGAIN) {
                // A connection that over_limits() broke was open, and full of words.
                return failed("{} {}", where(),
                              deadline_.expired() ? "talks without end" : "closed the connection");
            }
            if (!wait(POLLIN, deadline)) {
                return failed("{} did not answer in time", where());
            }
        }
    }

    void describe(SessionObservation &seen) const {
        seen.phases.connect_s = dialogue_.connect_s();
        seen.phases.greeting_s = dialogue_.greeting_s();
        seen.phases.tls_s = dialogue_.tls_s();
        seen.phases.auth_s = dialogue_.auth_s();
        seen.banner = dialogue_.banner();
        seen.capabilities = dialogue_.capabilities();
        seen.auth_mechanisms = dialogue_.auth_mechanisms();
        seen.authenticated_with = dialogue_.authenticated_with();
        seen.starttls_offered = dialogue_.starttls_offered();
        seen.tls = tls_.observation();
        seen.failure = failure_;
    }

    std::string presentable(std::string_view text) const {
        auto shown = one_line(text, kMostWords);
        if (request_.credentials) {
            shown = hide_secret(std::move(shown), request_.credentials->secret.view());
        }
        return one_line(shown, kMostShown);
    }

    const MailDialogue &dialogue() const { return dialogue_; }
    const std::optional<Failure> &failure() const { return failure_; }

  private:
    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(easy_.get(), option, value);
    }

    std::string server() const {
        const std::string_view name = request_.server;
        return std::string(
            name.starts_with('[') && name.ends_with(']') ? name.substr(1, name.size() - 2) : name);
    }

    std::string where() const { return endpoint_name(server(), address_, request_.port); }

    void set_up_target();
    void set_up_tls();
    void set_up_login();
    void set_up_callbacks();
    bool perform(Deadline greet_by);
    bool wait(short event, Deadline deadline) const;
    void synchronise();
    bool over_limits();
    Failure explain(bool finished) const;

    static int on_debug(CURL *handle, curl_infotype type, char *text, size_t size, void *self);
    static size_t on_header(char *line, size_t size, size_t count, void *self);
    static CURLcode on_tls(CURL *handle, void *context, void *self);
    static int on_socket(void *self, curl_socket_t socket, curlsocktype purpose);

    const SessionRequest &request_;
    std::string address_;
    Clock::time_point begin_ = Clock::now();
    std::unique_ptr<CURLM, CURLMcode (*)(CURLM *)> multi_;
    std::unique_ptr<CURL, void (*)(CURL *)> easy_;
    std::unique_ptr<curl_slist, void (*)(curl_slist *)> target_{nullptr, curl_slist_free_all};
    MailDialogue dialogue_;
    TlsWatch tls_;
    Deadline deadline_ = Deadline::in(milliseconds(0));
    curl_socket_t socket_ = CURL_SOCKET_BAD;
    std::size_t received_ = 0;
    bool over_limits_ = false;
    std::string local_fault_;
    std::array<char, CURL_ERROR_SIZE> curl_error_{};
    CURLcode code_ = CURLE_OK;
    long os_error_ = 0;
    std::optional<Failure> failure_;
};

void MailConnection::Implementation::set_up_target() {
    const bool smtp = request_.protocol == MailProtocol::kSmtp;
    const auto name = server();
    const bool is_literal = is_ipv6(name);
    const auto helo = request_.helo.empty() ? own_host_name() : request_.helo;
    const std::unique_ptr<char, void (*)(void *)> path(
        curl_easy_escape(easy_.get(), helo.c_str(), static_cast<int>(helo.size())), curl_free);
    const auto url = fmt::format("{}{}://{}{}{}:{}/{}", smtp ? "smtp" : "imap",
                                 request_.tls == TlsMode::kImplicit ? "s" : "",
                                 is_literal ? "[" : "", name, is_literal ? "]" : "", request_.port,
                                 smtp && path != nullptr ? path.get() : "");
    const bool to_ipv6 = is_ipv6(address_);
    const auto target =
        fmt::format("::{}{}{}:{}", to_ipv6 ? "[" : "", address_, to_ipv6 ? "]" : "", request_.port);
    target_.reset(curl_slist_append(nullptr, target.c_str()));
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_CONNECT_TO, target_.get());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps");
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    if (!request_.bind_address.empty()) {
        set(CURLOPT_INTERFACE, ("host!" + request_.bind_address).c_str());
    }
}

void MailConnection::Implementation::set_up_tls() {
    set(CURLOPT_USE_SSL,
        static_cast<long>(request_.tls == TlsMode::kStartTls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    // TlsWatch gives OpenSSL the CA bundle and the names, which it checks while it shakes hands.
    set(CURLOPT_CAINFO, nullptr);
    set(CURLOPT_CAPATH, nullptr);
    set(CURLOPT_SSL_VERIFYPEER, request_.tls_policy.verify ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
    set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    set(CURLOPT_SSL_CTX_FUNCTION, &Implementation::on_tls);
    set(CURLOPT_SSL_CTX_DATA, this);
    if (request_.tls_policy.allow_old) {
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_0));
        set(CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
    }
}

void MailConnection::Implementation::set_up_login() {
    if (!request_.credentials) {
        return;
    }
    const auto &login = *request_.credentials;
    set(CURLOPT_USERNAME, login.user.c_str());
    set(login.is_token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, login.secret.c_str());
    const std::string_view by_offer =
        login.is_token ? "AUTH=OAUTHBEARER;AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5";
    const auto options =
        login.mechanism.empty() ? std::string(by_offer) : "AUTH=" + login.mechanism;
    // For IMAP without a wish the LOGIN command is fine, too: "*" is every SASL mechanism and it.
    const bool any =
        login.mechanism.empty() && !login.is_token && request_.protocol == MailProtocol::kImap;
    set(CURLOPT_LOGIN_OPTIONS, any ? "AUTH=*" : options.c_str());
}

void MailConnection::Implementation::set_up_callbacks() {
    set(CURLOPT_ERRORBUFFER, curl_error_.data());
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &Implementation::on_debug);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Implementation::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_SOCKOPTFUNCTION, &Implementation::on_socket);
    set(CURLOPT_SOCKOPTDATA, this);
}

bool MailConnection::Implementation::perform(Deadline greet_by) {
    const auto connect_by = greet_by.within(kLongestConnect);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(deadline_.left().count() + 1000));
    curl_multi_add_handle(multi_.get(), easy_.get());
    int running = 1;
    while (running > 0) {
        curl_multi_perform(multi_.get(), &running);
        synchronise();
        const auto limit = !dialogue_.connect_s()    ? connect_by
                           : !dialogue_.greeting_s() ? greet_by
                                                     : deadline_;
        if (running > 0 && (limit.expired() || deadline_.expired())) {
            return false;
        }
        if (running > 0) {
            curl_multi_poll(multi_.get(), nullptr, 0, milliseconds_of(limit.left()), nullptr);
        }
    }
    int left = 0;
    if (const auto *message = curl_multi_info_read(multi_.get(), &left)) {
        code_ = message->data.result;
    }
    return code_ != CURLE_OPERATION_TIMEDOUT;
}

bool MailConnection::Implementation::wait(short event, Deadline deadline) const {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket);
    pollfd ready{socket, event, 0};
    while (!deadline.expired()) {
        const int count = ::poll(&ready, 1, milliseconds_of(deadline.left()));
        if (count > 0 || (count < 0 && errno != EINTR)) {
            return true;
        }
    }
    return false;
}

// libcurl tells of a connection or of TLS only by what can be asked for afterwards.
void MailConnection::Implementation::synchronise() {
    curl_off_t connect_us = 0;
    if (!dialogue_.connect_s() &&
        curl_easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME_T, &connect_us) == CURLE_OK &&
        connect_us > 0) {
        dialogue_.connected(begin_ + microseconds(connect_us));
    }
    if (tls_.finished()) {
        dialogue_.shook_hands(*tls_.finished());
    }
}

// A server that talks without end keeps libcurl reading: only a broken connection ends that.
bool MailConnection::Implementation::over_limits() {
    if (received_ > kMostDialogue || deadline_.expired()) {
        over_limits_ = received_ > kMostDialogue;
        ::shutdown(socket_, SHUT_RDWR);
        return true;
    }
    return false;
}

int MailConnection::Implementation::on_debug(CURL * /*handle*/, curl_infotype type, char *text,
                                             size_t size, void *self) {
    auto &connection = *static_cast<Implementation *>(self);
    connection.synchronise();
    if (type == CURLINFO_HEADER_OUT) {
        connection.dialogue_.sent({text, size}, Clock::now());
    }
    connection.over_limits();
    return 0;
}

size_t MailConnection::Implementation::on_header(char *line, size_t size, size_t count,
                                                 void *self) {
    auto &connection = *static_cast<Implementation *>(self);
    connection.synchronise();
    connection.received_ += size * count;
    connection.dialogue_.received({line, size * count}, Clock::now());
    return connection.over_limits() ? 0 : size * count;
}

CURLcode MailConnection::Implementation::on_tls(CURL * /*handle*/, void *context, void *self) {
    auto &connection = *static_cast<Implementation *>(self);
    connection.dialogue_.connected(Clock::now());  // with implicit TLS libcurl tells it too late
    if (const auto installed = connection.tls_.install(static_cast<SSL_CTX *>(context));
        !installed) {
        connection.local_fault_ = installed.error().message();
        return CURLE_ABORTED_BY_CALLBACK;
    }
    return CURLE_OK;
}

int MailConnection::Implementation::on_socket(void *self, curl_socket_t socket,
                                              curlsocktype /*purpose*/) {
    static_cast<Implementation *>(self)->socket_ = socket;
    return CURL_SOCKOPT_OK;
}

Failure MailConnection::Implementation::explain(bool finished) const {
    if (!local_fault_.empty()) {
        return {"tls", FailureClass::kLocalDataError, local_fault_, std::nullopt};
    }
    const CurlEnd end{.code = code_,
                      .words = curl_error_.data(),
                      .os_error = static_cast<int>(os_error_),
                      .finished = finished,
                      .over_limits = over_limits_};
    const SessionFailure failure(dialogue_, where(), presentable(dialogue_.refusal()));
    return explain_curl_end(end, dialogue_, tls_.observation(), failure, where(), address_);
}

MailConnection::MailConnection(const SessionRequest &request, const std::string &address)
    : implementation_(std::make_unique<Implementation>(request, address)) {}

MailConnection::~MailConnection() = default;

void MailConnection::open(Deadline deadline, Deadline greet_by) {
    implementation_->open(deadline, greet_by);
}

const std::optional<Failure> &MailConnection::failure() const {
    return implementation_->failure();
}

bool MailConnection::greeted() const {
    return implementation_->dialogue().greeting_s().has_value();
}

void MailConnection::describe(SessionObservation &observation) const {
    implementation_->describe(observation);
}

Result<void> MailConnection::send(std::string_view bytes, Deadline deadline) {
    return implementation_->send(bytes, deadline);
}

Result<std::string> MailConnection::receive(Deadline deadline) {
    return implementation_->receive(deadline);
}

std::string MailConnection::presentable(std::string_view reply) const {
    return implementation_->presentable(reply);
}

}  // namespace mail_relay
