#include "common/session_failure.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace mail_relay {

namespace {

FailureClass class_of_connect_error(int error, std::string_view address) {
    switch (error) {
        case ECONNREFUSED:
            return FailureClass::kRefused;
        case ETIMEDOUT:
            return FailureClass::kTimeout;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
            return address.find(':') == std::string_view::npos ? FailureClass::kUnreachable
                                                               : FailureClass::kUnreachableIpv6;
        default:
            return FailureClass::kOther;
    }
}

bool says_no(std::string_view words) {
    return words.starts_with('4') || words.starts_with('5') || words.starts_with("* BYE");
}

}  // namespace

std::string endpoint_name(std::string_view server, std::string_view address, std::uint16_t port) {
    return server == address ? fmt::format("[{}]:{}", address, port)
                             : fmt::format("{}[{}]:{}", server, address, port);
}

Failure SessionFailure::not_connected(int error, std::string_view address) const {
    return {"connect", class_of_connect_error(error, address),
            fmt::format("connect to {}: {}", where_, std::strerror(error)), std::nullopt};
}

Failure SessionFailure::lost(bool in_time) const {
    const auto phase = dialogue_.phase();
    const auto kind = phase == "greeting" ? FailureClass::kGreetingTimeout
                      : phase == "tls"    ? FailureClass::kTlsHandshake
                                          : FailureClass::kLostConnection;
    auto failure = other(phase, kind,
                         in_time ? fmt::format("closed the connection (step: {})", phase)
                                 : fmt::format("did not answer in time (step: {})", phase));
    if (failure.reply) {
        failure.error += ", its last words: " + *failure.reply;
        const auto told = says_no(*failure.reply) ? classify_failure(*failure.reply, "") : kind;
        failure.kind = told == FailureClass::kOther ? kind : told;
    }
    return failure;
}

Failure SessionFailure::endless() const {
    return other(dialogue_.phase(), FailureClass::kServerError,
                 fmt::format("talks without end (step: {})", dialogue_.phase()));
}

Failure SessionFailure::no_starttls() const {
    if (!dialogue_.starttls_offered()) {
        return {"starttls", FailureClass::kTlsNotOffered, where_ + " does not offer STARTTLS",
                std::nullopt};
    }
    auto failure = refused("starttls", FailureClass::kTlsNotOffered, "refused STARTTLS");
    failure.kind = FailureClass::kTlsNotOffered;
    return failure;
}

Failure SessionFailure::certificate_refused(const TlsObservation &seen) const {
    return {
        "tls", FailureClass::kTlsVerify,
        fmt::format("certificate of {} not accepted: {}", where_, seen.verify_error.value_or("")),
        std::nullopt};
}

Failure SessionFailure::handshake(std::string_view why) const {
    return other("tls", FailureClass::kTlsHandshake,
                 fmt::format("failed in the TLS handshake: {}", why));
}

Failure SessionFailure::refused(std::string_view phase, FailureClass otherwise,
                                std::string_view what) const {
    auto failure = other(phase, otherwise, what);
    if (failure.reply) {
        const auto kind = classify_failure(*failure.reply, "");
        failure.kind = kind == FailureClass::kOther ? otherwise : kind;
        failure.error += ": " + *failure.reply;
    }
    return failure;
}

Failure SessionFailure::other(std::string_view phase, FailureClass kind,
                              std::string_view what) const {
    return {std::string(phase), kind, fmt::format("{} {}", where_, what),
            words_.empty() ? std::nullopt : std::optional(words_)};
}

}  // namespace mail_relay
