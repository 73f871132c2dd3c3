#include "agent_plugin/waiting_cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mail_relay {

namespace {

struct ClassWords {
    FailureClass failure;
    std::string_view words;
    std::string_view finding;  ///< that may explain the class
    std::string_view because;  ///< what it says in a few words
};

constexpr auto kWords = std::to_array<ClassWords>({
    {FailureClass::kResolve, "the relay's name cannot be resolved", "chroot_drift",
     "resolv.conf in the jail is stale"},
    {FailureClass::kRefused, "the relay refuses connections", "", ""},
    {FailureClass::kTimeout, "no answer from the relay", "direct_delivery_blocked",
     "port 25 is blocked: no relayhost"},
    {FailureClass::kUnreachable, "no route to the relay", "", ""},
    {FailureClass::kUnreachableIpv6, "no way out over IPv6", "ipv6_no_route",
     "inet_protocols includes IPv6"},
    {FailureClass::kGreetingTimeout, "the relay does not greet", "tls_port_without_wrapper",
     "its port wants TLS at once"},
    {FailureClass::kLostConnection, "the connection to the relay breaks", "", ""},
    {FailureClass::kTlsNotOffered, "the relay offers no TLS", "", ""},
    {FailureClass::kTlsHandshake, "TLS with the relay fails", "wrapper_on_starttls_port",
     "its port wants STARTTLS"},
    {FailureClass::kTlsVerify, "the relay's certificate is not accepted", "ca_file_missing",
     "no CA file"},
    {FailureClass::kSaslNoMechanism, "no SASL mechanism", "sasl_plugin_missing",
     "SASL plug-ins missing"},
    {FailureClass::kSaslNoMechanism, "no SASL mechanism", "noplaintext_default",
     "smtp_sasl_security_options forbid PLAIN"},
    {FailureClass::kSaslMechanismMismatch, "no common SASL mechanism", "mechanism_mismatch",
     "smtp_sasl_mechanism_filter"},
    {FailureClass::kAuthFailed, "the relay refuses the password", "", ""},
    {FailureClass::kAppPasswordRequired, "the relay wants an application password", "", ""},
    {FailureClass::kBasicAuthDisabled, "the provider takes no passwords any more", "", ""},
    {FailureClass::kOauthToken, "the OAuth2 token is not valid", "", ""},
    {FailureClass::kAuthRequired, "Postfix does not log on to the relay", "relay_key_mismatch",
     "no credentials for the relayhost"},
    {FailureClass::kLocalDataError, "a lookup table fails", "map_not_built", "postmap was not run"},
    {FailureClass::kLocalDataError, "a lookup table fails", "map_type_unsupported",
     "its type is not supported"},
    {FailureClass::kLoop, "the mail loops", "", ""},
});

bool has_finding(const Findings &findings, std::string_view id) {
    return std::any_of(findings.begin(), findings.end(),
                       [id](const Finding &finding) { return finding.id == id; });
}

/// The package that the finding's first repair installs: "libsasl2-modules".
std::string missing_package(const Findings &findings) {
    for (const Finding &finding : findings) {
        if (finding.id == "sasl_plugin_missing" && !finding.fix.empty()) {
            const std::string &command = finding.fix.front();
            const std::size_t at = command.find(" install ");
            if (at != std::string::npos) {
                return command.substr(command.rfind(' ') + 1) + " missing";
            }
        }
    }
    return {};
}

}  // namespace

std::optional<WaitingCause> explain_waiting(const SiteQueue &queue, const Findings &findings) {
    if (queue.reasons.empty()) {
        return std::nullopt;
    }
    const DeferralReason &top = queue.reasons.front();
    WaitingCause cause;
    for (const ClassWords &row : kWords) {
        if (row.failure != top.failure) {
            continue;
        }
        cause.text = row.words;
        if (!row.finding.empty() && has_finding(findings, row.finding)) {
            std::string because(row.because);
            if (row.finding == "sasl_plugin_missing") {
                const std::string package = missing_package(findings);
                because = package.empty() ? because : package;
            }
            cause.text += fmt::format(" ({})", because);
            cause.finding = row.finding;
            return cause;
        }
    }
    if (cause.text.empty()) {
        cause.text = top.text;
    }
    return cause;
}

}  // namespace mail_relay
