#include "common/curl_end.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>

namespace mail_relay {

namespace {

constexpr std::size_t kMostShown = 500;

// libcurl's words for a server that hangs up instead of shaking hands.
bool is_end_of_connection(std::string_view words) {
    return words.find("SSL_ERROR_SYSCALL") != std::string_view::npos ||
           words.find("Connection reset by peer") != std::string_view::npos;
}

bool is_endless(const CurlEnd &end) {
    return end.over_limits || end.words.starts_with("Too large");
}

Failure explain_login(const MailDialogue &dialogue, const SessionFailure &failure,
                      std::string_view where) {
    if (dialogue.auth_tried()) {
        return failure.refused("auth", FailureClass::kAuthFailed, "refused the log-in");
    }
    const auto &offered = dialogue.auth_mechanisms();
    const auto what =
        offered && !offered->empty()
            ? fmt::format("offers no log-in that can be used, only {}", fmt::join(*offered, " "))
            : std::string("offers no AUTH");
    return {"auth", FailureClass::kSaslMechanismMismatch, fmt::format("{} {}", where, what),
            std::nullopt};
}

/// What libcurl's code means where nothing else has told it.
Failure explain_code(const CurlEnd &end, const MailDialogue &dialogue,
                     const SessionFailure &failure, std::string_view where) {
    const bool shaking_hands = dialogue.phase() == "tls";
    const auto why = end.words.empty() ? std::string(curl_easy_strerror(end.code))
                                       : one_line(end.words, kMostShown);
    switch (end.code) {
        case CURLE_OK:
        case CURLE_LOGIN_DENIED:
            return explain_login(dialogue, failure, where);
        case CURLE_USE_SSL_FAILED:
            return failure.no_starttls();
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_REMOTE_ACCESS_DENIED:
            return shaking_hands
                       ? failure.other("starttls", FailureClass::kTlsHandshake,
                                       "sent text behind its answer to STARTTLS, not encrypted")
                       : failure.refused(dialogue.phase(), FailureClass::kServerError, "refused");
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_GOT_NOTHING:
            return is_endless(end) ? failure.endless() : failure.lost(end.finished);
        default:
            return shaking_hands ? failure.handshake(why)
                                 : failure.other(dialogue.phase(), FailureClass::kOther,
                                                 fmt::format("failed: {}", why));
    }
}

}  // namespace

Failure explain_curl_end(const CurlEnd &end, const MailDialogue &dialogue,
                         const std::optional<TlsObservation> &tls, const SessionFailure &failure,
                         std::string_view where, std::string_view address) {
    if (!dialogue.connect_s()) {
        const bool late = !end.finished || end.os_error == 0;
        return failure.not_connected(late ? ETIMEDOUT : end.os_error, address);
    }
    if (tls && tls->verified == false) {
        return failure.certificate_refused(*tls);
    }
    if (!end.finished || end.over_limits) {
        return is_endless(end) ? failure.endless() : failure.lost(end.finished);
    }
    if (dialogue.phase() == "tls" && is_end_of_connection(end.words)) {
        return failure.lost(end.finished);
    }
    return explain_code(end, dialogue, failure, where);
}

}  // namespace mail_relay
