#include "common/smtp_look.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

#include "common/session_failure.h"
#include "common/tls_stream.h"
#include "common/tls_watch.h"

namespace mail_relay {

namespace {

using Clock = std::chrono::steady_clock;
using State = TlsStream::State;
using std::chrono::milliseconds;

constexpr std::size_t kMostDialogue = 262'144;
constexpr std::size_t kMostShown = 500;
// A server that waits for TLS says nothing at all. Others greet late, but hardly later than this.
constexpr milliseconds kSilence{1'500};
constexpr milliseconds kPoliteness{300};

bool is_reply_code(std::string_view line) {
    return line.size() >= 3 &&
           std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
}

class Dialogue {
  public:
    Dialogue(const SmtpLookRequest &request, Deadline deadline)
        : request_(request),
          deadline_(deadline),
          begin_(Clock::now()),
          dialogue_(MailProtocol::kSmtp, request.tls, begin_),
          watch_(lenient(request.trust), request.server),
          context_(make_client_context()) {}

    SmtpLook run() {
        look_.seen.failure = take_all_steps();
        describe();
        if (is_usable_ && dialogue_.banner()) {
            say_goodbye();
        }
        return std::move(look_);
    }

  private:
    using Outcome = std::optional<Failure>;

    static TlsPolicy lenient(TlsPolicy policy) {
        policy.verify = false;
        return policy;
    }

    Outcome take_all_steps();
    Outcome connect();
    Outcome hear_greeting();
    Outcome say_ehlo();
    Outcome turn_to_tls();
    Outcome shake_hands();
    Outcome command(std::string_view line);
    Outcome hear_reply(Deadline deadline);
    Outcome judge_reply(std::string_view last_line) const;
    void find_out_whether_tls_comes_first();
    void say_goodbye();
    void describe();
    Outcome broken(State state);

    SessionFailure end() const {
        return {dialogue_, endpoint_name(request_.server, request_.address, request_.port),
                one_line(dialogue_.refusal(), kMostShown)};
    }

    const SmtpLookRequest &request_;
    Deadline deadline_;
    Clock::time_point begin_;
    MailDialogue dialogue_;
    TlsWatch watch_;
    TlsContext context_;
    TlsStream stream_;
    std::string heard_;
    std::size_t heard_bytes_ = 0;
    bool is_usable_ = true;
    SmtpLook look_;
};

Dialogue::Outcome Dialogue::take_all_steps() {
    if (auto failure = connect()) {
        return failure;
    }
    if (request_.tls == TlsMode::kImplicit) {
        if (auto failure = shake_hands()) {
            return failure;
        }
    }
    if (auto failure = hear_greeting()) {
        return failure;
    }
    if (auto failure = say_ehlo()) {
        return failure;
    }
    if (request_.tls == TlsMode::kStartTls) {
        if (auto failure = turn_to_tls()) {
            return failure;
        }
    }
    return std::nullopt;
}

Dialogue::Outcome Dialogue::connect() {
    const int error =
        stream_.connect(request_.address, request_.port, request_.bind_address, deadline_);
    look_.bind_error = stream_.bind_error();
    if (error != 0) {
        return end().not_connected(error, request_.address);
    }
    look_.connected = true;
    dialogue_.connected(Clock::now());
    return std::nullopt;
}

Dialogue::Outcome Dialogue::hear_greeting() {
    const bool may_be_tls = request_.tls != TlsMode::kImplicit;
    auto failure = hear_reply(may_be_tls ? deadline_.within(kSilence) : deadline_);
    if (failure && may_be_tls && heard_bytes_ == 0 && !dialogue_.banner()) {
        find_out_whether_tls_comes_first();
        if (look_.speaks_tls_first == false && !deadline_.expired()) {
            is_usable_ = true;
            failure = hear_reply(deadline_);
        }
    }
    return failure;
}

/// By a second connection: the first one may still greet.
void Dialogue::find_out_whether_tls_comes_first() {
    TlsStream second;
    const auto limit = deadline_.within(kSilence);
    const auto context = make_client_context();
    if (second.connect(request_.address, request_.port, request_.bind_address, limit) == 0) {
        SSL_CTX_set_security_level(context.get(), 0);
        look_.speaks_tls_first =
            second.start_tls(context.get(), request_.offer.server_name, limit) == State::kDone;
    }
}

Dialogue::Outcome Dialogue::say_ehlo() {
    return command(fmt::format("EHLO {}", request_.helo));
}

Dialogue::Outcome Dialogue::turn_to_tls() {
    Outcome failure;
    if (!dialogue_.starttls_offered()) {
        failure = end().no_starttls();
    } else {
        failure = command("STARTTLS");
        if (failure && dialogue_.phase() == "starttls" && !dialogue_.refusal().empty()) {
            failure = end().no_starttls();
        } else if (!failure && !heard_.empty()) {
            // Whoever sits in between could have put it there: CVE-2021-23222 and its likes.
            return end().other("starttls", FailureClass::kTlsHandshake,
                               "sent text behind its answer to STARTTLS, not encrypted");
        } else if (!failure) {
            failure = shake_hands();
            return failure ? failure : say_ehlo();
        }
    }
    if (failure && !request_.tls_required && failure->kind == FailureClass::kTlsNotOffered) {
        look_.tls_given_up = failure->error;
        return std::nullopt;
    }
    return failure;
}

Dialogue::Outcome Dialogue::shake_hands() {
    auto installed = offer_tls(request_.offer, context_.get());
    if (installed) {
        installed = watch_.install(context_.get());
    }
    if (!installed) {
        return Failure{"tls", FailureClass::kLocalDataError, installed.error().message(),
                       std::nullopt};
    }
    const auto state = stream_.start_tls(context_.get(), request_.offer.server_name, deadline_);
    if (state != State::kDone) {
        if (stream_.is_plaintext()) {
            look_.speaks_tls_first = false;
        }
        return broken(state);
    }
    dialogue_.shook_hands(Clock::now());
    const auto &seen = watch_.observation();
    if (request_.trust_required && seen && seen->verify_error) {
        return end().certificate_refused(*seen);
    }
    return std::nullopt;
}

Dialogue::Outcome Dialogue::command(std::string_view line) {
    const auto text = fmt::format("{}\r\n", line);
    dialogue_.sent(text, Clock::now());
    if (const auto state = stream_.send(text, deadline_); state != State::kDone) {
        return broken(state);
    }
    return hear_reply(deadline_);
}

/// Waits for a whole reply.
Dialogue::Outcome Dialogue::hear_reply(Deadline deadline) {
    for (;;) {
        for (auto size = heard_.find('\n'); size != std::string::npos; size = heard_.find('\n')) {
            const auto line = heard_.substr(0, size);
            heard_.erase(0, size + 1);
            dialogue_.received(line, Clock::now());
            if (!is_reply_code(line) || line.size() == 3 || line[3] != '-') {
                return judge_reply(line);
            }
        }
        const auto before = heard_.size();
        if (const auto state = stream_.receive(heard_, deadline); state != State::kDone) {
            return broken(state);
        }
        heard_bytes_ += heard_.size() - before;
        if (heard_bytes_ > kMostDialogue) {
            is_usable_ = false;
            return end().endless();
        }
    }
}

Dialogue::Outcome Dialogue::judge_reply(std::string_view last_line) const {
    if (!is_reply_code(last_line)) {
        return end().other(dialogue_.phase(), FailureClass::kServerError,
                           "answers with what is no SMTP reply");
    }
    if (dialogue_.refusal().empty()) {
        return std::nullopt;
    }
    return end().refused(dialogue_.phase(), FailureClass::kServerError,
                         fmt::format("refused (step: {})", dialogue_.phase()));
}

Dialogue::Outcome Dialogue::broken(State state) {
    is_usable_ = false;
    if (state == State::kFailed) {
        return end().handshake(stream_.tls_error());
    }
    return end().lost(state == State::kClosed);
}

void Dialogue::say_goodbye() {
    // An answer that does not come changes nothing of what was seen.
    const auto limit = deadline_.within(kPoliteness);
    std::string farewell;
    if (stream_.send("QUIT\r\n", limit) == State::kDone) {
        (void)stream_.receive(farewell, limit);
    }
}

void Dialogue::describe() {
    SessionObservation &seen = look_.seen;
    seen.phases.connect_s = dialogue_.connect_s();
    seen.phases.greeting_s = dialogue_.greeting_s();
    seen.phases.tls_s = dialogue_.tls_s();
    seen.phases.total_s = std::chrono::duration<double>(Clock::now() - begin_).count();
    seen.banner = dialogue_.banner();
    seen.capabilities = dialogue_.capabilities();
    seen.auth_mechanisms = dialogue_.auth_mechanisms();
    seen.starttls_offered = dialogue_.starttls_offered();
    seen.tls = watch_.observation();
    if (seen.tls && watch_.shook_hands()) {
        seen.tls->verified = !seen.tls->verify_error;
    }
    look_.ehlo_s = dialogue_.ehlo_s();
    look_.ehlo_lines = dialogue_.ehlo_lines();
    if (seen.capabilities) {
        look_.size_limit = told_size_limit(*seen.capabilities);
    }
}

}  // namespace

SmtpLook look_at_smtp_server(const SmtpLookRequest &request, Deadline deadline) {
    auto look = Dialogue(request, deadline).run();
    const bool shaking_failed =
        look.seen.failure && look.seen.failure->kind == FailureClass::kTlsHandshake;
    if (!shaking_failed || request.tls != TlsMode::kStartTls || request.tls_required) {
        return look;
    }
    // Where TLS is a mere wish, Postfix comes again without it.
    auto in_plaintext = request;
    in_plaintext.tls = TlsMode::kNone;
    auto second = Dialogue(in_plaintext, deadline).run();
    second.tls_given_up = look.seen.failure->error;
    second.seen.starttls_offered = true;
    second.seen.tls = std::move(look.seen.tls);
    return second;
}

std::optional<std::uint64_t> told_size_limit(const std::vector<std::string> &capabilities) {
    for (const auto &line : capabilities) {
        if (!line.starts_with("SIZE") && !line.starts_with("size")) {
            continue;
        }
        std::uint64_t size = 0;
        const char *begin = line.data() + std::min<std::size_t>(5, line.size());
        const char *end = line.data() + line.size();
        if (begin == end) {
            return 0;
        }
        if (const auto read = std::from_chars(begin, end, size);
            read.ec == std::errc() && read.ptr == end) {
            return size;
        }
    }
    return std::nullopt;
}

}  // namespace mail_relay
