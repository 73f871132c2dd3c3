#include "agent_plugin/warning_kind.h"

#include <algorithm>
#include <array>

namespace mail_relay {

namespace {

constexpr std::array<std::string_view, kWarningKindCount> kNames{
    "throttling", "clock",     "policy",        "sasl",  "tls",   "connect", "dns",   "map",
    "milter",     "resources", "configuration", "queue", "smtpd", "fatal",   "panic", "other"};

struct KindRule {
    WarningKind kind;
    std::string_view part;  // of the text
};

// Source: Postfix's own texts, see their strings in src/.
constexpr auto kRules = std::to_array<KindRule>({
    {WarningKind::kSasl, "SASL "},
    {WarningKind::kSasl, "offered no supported AUTH mechanisms"},
    {WarningKind::kMilter, "ilter "},
    {WarningKind::kMap, "open database"},
    {WarningKind::kMap, "is older than source file"},
    {WarningKind::kMap, "unsupported dictionary type"},
    {WarningKind::kMap, "is unavailable. "},
    {WarningKind::kMap, "lookup error"},
    {WarningKind::kTls, "TLS"},
    {WarningKind::kTls, "certificate"},
    {WarningKind::kDns, "Name service error"},
    {WarningKind::kDns, "ailure in name resolution"},
    {WarningKind::kResources, "No space left on device"},
    {WarningKind::kResources, "not enough free space"},
    {WarningKind::kResources, "insufficient memory"},
    {WarningKind::kResources, "Too many open files"},
    {WarningKind::kConfiguration, "parameter"},
    {WarningKind::kConfiguration, "configuration problem"},
    {WarningKind::kConfiguration, "not owned by"},
    {WarningKind::kQueue, "queue file"},
    {WarningKind::kQueue, "corrupt"},
});

/// Texts that are findings by themselves: nobody else's words may stand for them.
std::optional<WarningKind> exact_kind(std::string_view program, std::string_view text) {
    if (program == "master" && text.ends_with(": bad command startup -- throttling")) {
        return WarningKind::kThrottling;
    }
    if (text.starts_with("file system clock is ")) {
        return WarningKind::kClock;
    }
    const bool is_client = program == "smtp" || program == "lmtp";
    if (is_client && (text.starts_with("TLS policy lookup error") ||
                      text.find("policy table lookup error") != std::string_view::npos)) {
        return WarningKind::kPolicy;
    }
    return std::nullopt;
}

/// Texts of the delivering client that are no warning to Postfix, but are one to an administrator.
std::optional<WarningKind> unmarked_kind(std::string_view text) {
    if (text.starts_with("connect to ")) {
        return WarningKind::kConnect;
    }
    const bool is_tls = text.starts_with("SSL_connect error") ||
                        text.starts_with("certificate verification failed") ||
                        text.starts_with("server certificate verification failed");
    return is_tls ? std::optional(WarningKind::kTls) : std::nullopt;
}

}  // namespace

std::string_view warning_kind_name(WarningKind kind) {
    return kNames.at(static_cast<std::size_t>(kind));
}

std::optional<WarningKind> warning_kind(std::string_view program, const LogMessage &message) {
    if (message.severity == LogSeverity::kNone) {
        const bool delivers = program == "smtp" || program == "lmtp";
        return delivers && message.queue_id.empty() ? unmarked_kind(message.rest) : std::nullopt;
    }
    if (message.severity == LogSeverity::kPanic) {
        return WarningKind::kPanic;
    }
    if (const auto exact = exact_kind(program, message.rest)) {
        return exact;
    }
    // What a server says of its clients is theirs: scanners fill logs with it.
    if (message.severity == LogSeverity::kWarning &&
        (program == "smtpd" || program == "postscreen")) {
        return message.rest.find("ilter ") != std::string_view::npos ? WarningKind::kMilter
                                                                     : WarningKind::kSmtpd;
    }
    const auto rule = std::find_if(kRules.begin(), kRules.end(), [&](const KindRule &candidate) {
        return message.rest.find(candidate.part) != std::string_view::npos;
    });
    if (rule != kRules.end()) {
        return rule->kind;
    }
    return message.severity == LogSeverity::kFatal ? WarningKind::kFatal : WarningKind::kOther;
}

}  // namespace mail_relay
