#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay::roundtrip {

/// What one check said: "spf=pass (comment) smtp.mailfrom=example.org".
struct MethodResult {
    std::string method;  ///< lower case: "spf", "dkim", "dmarc"
    std::string result;  ///< lower case: "pass", "fail", "softfail", "none", ...
    std::string reason;  ///< reason="..." or the comment behind the result
    std::string domain;  ///< smtp.mailfrom/smtp.helo, header.d/header.i, header.from; no local part
};

/// One Authentication-Results header.
struct AuthenticationResults {
    std::string authority;  ///< authserv-id, lower case; empty where the server leaves it out
    std::vector<MethodResult> results;
};

/// Reads the value of one header, comments and folding included. Unreadable parts are left out.
/// Source: RFC 8601 section 2.2; Microsoft's servers write no authserv-id.
AuthenticationResults parse_authentication_results(std::string_view value);

/// SPF, DKIM and DMARC as one trusted authority saw them.
struct Verdicts {
    std::string authority;
    std::optional<MethodResult> spf;
    std::optional<MethodResult> dkim;  ///< of several signatures, one that passed
    std::optional<MethodResult> dmarc;
};

/// `headers` are the values of the mail's Authentication-Results headers, topmost first. The one to
/// trust is `authority`, or, if that is empty, whoever wrote the topmost header: what stands
/// further down may have been in the mail when it was sent. Empty if that authority wrote none.
std::optional<Verdicts> judge_authentication(const std::vector<std::string> &headers,
                                             std::string_view authority);

}  // namespace mail_relay::roundtrip
