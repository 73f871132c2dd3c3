#include "agent_plugin/notifications.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLossIsFresh_s = 4 * 3600;
constexpr std::size_t kMostReasons = 5;

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

json::value time_or_null(std::int64_t time) {
    return time == 0 ? json::value(nullptr) : json::value(time);
}

json::array render_reasons(const SiteQueue &queue) {
    json::array rows;
    for (const DeferralReason &reason : queue.reasons) {
        if (rows.size() < kMostReasons) {
            rows.emplace_back(
                json::object{{"class", failure_class_name(reason.failure)},
                             {"messages", reason.messages},
                             {"oldest", render_known(reason.oldest_arrival)},
                             {"dsn", reason.dsn_status.empty() ? json::value(nullptr)
                                                               : json::value(reason.dsn_status)},
                             {"text", reason.text},
                             {"sample", reason.sample}});
        }
    }
    return rows;
}

json::value render_lost(const FailureSample &lost) {
    if (lost.time == 0) {
        return nullptr;
    }
    return {{"time", lost.time},
            {"status", lost.status},
            {"class", failure_class_name(lost.failure)},
            {"text", lost.text}};
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

Findings diagnose_notifications(const NotificationFacts &facts, std::int64_t now) {
    const std::uint64_t lost = facts.mail.lost_hours.last_day(now);
    const FailureSample &last = facts.mail.last_lost;
    if (last.time == 0 || now - last.time >= HourlyCounts::kDay_s) {
        return {};
    }
    Finding finding;
    finding.id = "notifications_lost";
    finding.area = Area::kNotifications;
    finding.severity = now - last.time < kLossIsFresh_s ? Severity::kCrit : Severity::kWarn;
    finding.summary = fmt::format(
        "{} of site {} in the last 24 h given up: nobody got them",
        lost == 1 ? "1 notification" : fmt::format("{} notifications", lost), facts.site.name);
    finding.evidence = fmt::format("{}: {}: {}", last.queue_id, last.status, last.text);
    finding.fix = {"# remove the cause, which service \"Mail relay deliveries\" names"};
    return {finding};
}

json::object render_notifications(const NotificationFacts &facts,
                                  const std::optional<WaitingCause> &cause,
                                  const Findings &findings, std::int64_t now) {
    const SiteQueue &queue = facts.queue;
    const bool is_known = facts.complete || queue.total() > 0;
    json::object by_queue;
    for (const Queue name : kQueues) {
        if (name != Queue::kCorrupt) {
            by_queue[queue_name(name)] = queue.waiting.at(index_of(name));
        }
    }
    const StatusCounts &counts = facts.mail.counts;
    return {
        {"site", facts.site.name},
        {"time", now},
        {"user", facts.site.name},
        {"uid", facts.site.uid},
        {"instances", json::array(facts.instances.begin(), facts.instances.end())},
        {"senders", json::array(queue.senders.begin(), queue.senders.end())},
        {"waiting", is_known ? json::value(queue.total()) : json::value(nullptr)},
        {"oldest", render_known(queue.oldest_arrival)},
        {"waiting_by_queue", is_known ? json::value(std::move(by_queue)) : json::value(nullptr)},
        {"reasons", render_reasons(queue)},
        {"cause", cause ? json::value(cause->text) : json::value(nullptr)},
        {"cause_finding",
         cause && !cause->finding.empty() ? json::value(cause->finding) : json::value(nullptr)},
        {"complete", facts.complete},
        {"counters",
         {{"sent", counts.sent},
          {"deferred", counts.deferred},
          {"bounced", counts.bounced},
          {"expired", counts.expired}}},
        {"sent_24h", facts.mail.sent_hours.last_day(now)},
        {"bounced_24h", facts.mail.lost_hours.last_day(now)},
        {"last_sent", time_or_null(facts.mail.last_sent)},
        {"last_lost", render_lost(facts.mail.last_lost)},
        {"findings", render_findings(findings)},
        {"problems", render_problems(facts.problems)}};
}

}  // namespace mail_relay
