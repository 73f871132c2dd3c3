#include "common/https_post.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>

#include "common/child_process.h"
#include "common/host_addresses.h"
#include "common/mail_dialogue.h"
#include "common/tls_watch.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostBody = 65'536;
constexpr std::size_t kMostShown = 300;

struct Target {
    std::string host;
    std::string port;
};

Result<Target> parse_url(const std::string &url) {
    const std::unique_ptr<CURLU, void (*)(CURLU *)> parts(curl_url(), curl_url_cleanup);
    const auto part = [&](CURLUPart which) {
        char *text = nullptr;
        curl_url_get(parts.get(), which, &text, CURLU_DEFAULT_PORT);
        const std::unique_ptr<char, void (*)(void *)> owned(text, curl_free);
        return text != nullptr ? std::string(text) : std::string();
    };
    if (!url.starts_with("https://") ||
        curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
        return failed("{} is no https address", one_line(url, kMostShown));
    }
    return Target{part(CURLUPART_HOST), part(CURLUPART_PORT)};
}

// One transfer, with what libcurl calls back for.
class Transfer {
  public:
    Transfer(const HttpsPost &post, const Target &target)
        : post_(post), tls_({.verify = true, .ca_file = post.ca_file, .names = {}}, target.host) {}
    Transfer(const Transfer &) = delete;
    Transfer &operator=(const Transfer &) = delete;
    ~Transfer() { wipe(body_); }

    HttpsAnswer run(const std::string &resolved, Deadline deadline) {
        const std::unique_ptr<curl_slist, void (*)(curl_slist *)> known(
            curl_slist_append(nullptr, resolved.c_str()), curl_slist_free_all);
        const std::unique_ptr<curl_slist, void (*)(curl_slist *)> headers(
            curl_slist_append(nullptr, "Accept: application/json"), curl_slist_free_all);
        const auto form = post_.form.view();
        set(CURLOPT_URL, post_.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "https");
        set(CURLOPT_RESOLVE, known.get());
        set(CURLOPT_HTTPHEADER, headers.get());
        set(CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
        set(CURLOPT_POSTFIELDS, form.data());
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(deadline.left().count() + 1));
        set(CURLOPT_CAINFO, nullptr);
        set(CURLOPT_CAPATH, nullptr);
        set(CURLOPT_SSL_VERIFYHOST, 0L);  // TlsWatch has OpenSSL check the name
        set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
        set(CURLOPT_SSL_CTX_DATA, this);
        set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_ERRORBUFFER, error_.data());
        const auto code = curl_easy_perform(easy_.get());
        HttpsAnswer answer;
        if (code != CURLE_OK) {
            explain(code, answer);
            return answer;
        }
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &answer.status);
        answer.body = Secret::take(body_);
        return answer;
    }

  private:
    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(easy_.get(), option, value);
    }

    void explain(CURLcode code, HttpsAnswer &answer) const {
        const auto &seen = tls_.observation();
        std::string why = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
        if (!local_fault_.empty()) {
            answer.kind = FailureClass::kLocalDataError;
            why = local_fault_;
        } else if (seen && seen->verified == false) {
            answer.kind = FailureClass::kTlsVerify;
            why = "certificate not accepted: " + seen->verify_error.value_or("");
        } else if (body_.size() >= kMostBody) {
            answer.kind = FailureClass::kServerError;
            why = fmt::format("answer of more than {} bytes", kMostBody);
        } else if (code == CURLE_OPERATION_TIMEDOUT) {
            answer.kind = FailureClass::kTimeout;
            why = "no answer in time";
        } else if (code == CURLE_COULDNT_CONNECT) {
            answer.kind = FailureClass::kRefused;
        } else if (code == CURLE_SSL_CONNECT_ERROR) {
            answer.kind = FailureClass::kTlsHandshake;
        } else {
            answer.kind = FailureClass::kLostConnection;
        }
        answer.error = fmt::format("{}: {}", post_.url, one_line(why, kMostShown));
    }

    static CURLcode on_tls(CURL * /*handle*/, void *context, void *self) {
        auto &transfer = *static_cast<Transfer *>(self);
        const auto installed = transfer.tls_.install(static_cast<SSL_CTX *>(context));
        if (!installed) {
            transfer.local_fault_ = installed.error().message();
        }
        return installed ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
    }

    static size_t on_body(char *bytes, size_t size, size_t count, void *self) {
        auto &body = static_cast<Transfer *>(self)->body_;
        // Reserved once: growing would leave parts of the token behind in memory.
        body.reserve(kMostBody);
        if (body.size() + size * count > kMostBody) {
            body.resize(kMostBody);
            return 0;
        }
        body.append(bytes, size * count);
        return size * count;
    }

    const HttpsPost &post_;
    TlsWatch tls_;
    std::unique_ptr<CURL, void (*)(CURL *)> easy_{curl_easy_init(), curl_easy_cleanup};
    std::array<char, CURL_ERROR_SIZE> error_{};
    std::string local_fault_;
    std::string body_;
};

}  // namespace

HttpsAnswer post_https(const HttpsPost &post, Deadline deadline) {
    HttpsAnswer answer;
    const auto target = parse_url(post.url);
    if (!target) {
        answer.kind = FailureClass::kLocalDataError;
        answer.error = target.error().message();
        return answer;
    }
    const auto found = resolve_host(target->host, AddressFamily::kAny, post.dns, deadline);
    if (found.addresses.empty()) {
        answer.kind = FailureClass::kResolve;
        answer.error = found.error;
        return answer;
    }
    const auto resolved =
        fmt::format("{}:{}:{}", target->host, target->port, fmt::join(found.addresses, ","));
    return Transfer(post, *target).run(resolved, deadline);
}

std::string form_field(std::string_view name, std::string_view value) {
    const std::unique_ptr<char, void (*)(void *)> encoded(
        curl_easy_escape(nullptr, value.data(), static_cast<int>(value.size())), curl_free);
    return fmt::format("{}={}", name, value.empty() || encoded == nullptr ? "" : encoded.get());
}

}  // namespace mail_relay
