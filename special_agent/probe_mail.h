#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mail_relay::roundtrip {

/// The header that carries the token.
inline constexpr std::string_view kTokenHeader = "X-Mail-Relay-Probe";

/// What a probe mail is made of. Line breaks in any of it are taken out: a rule cannot add headers.
struct ProbeMail {
    std::string from;
    std::string to;
    std::string subject;  ///< UTF-8
    std::string loop;
    std::string token;
    std::uint64_t sequence = 0;
    std::int64_t sent = 0;  ///< Unix time
};

/// The whole mail with CRLF line ends, about 1 KB. The token also stands in the body, for systems
/// that strip headers. Source: RFC 5322; RFC 3834 for Auto-Submitted.
std::string compose_probe_mail(const ProbeMail &mail);

}  // namespace mail_relay::roundtrip
