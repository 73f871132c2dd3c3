#include "agent_plugin/diagnose_notifications.h"

#include <fmt/format.h>

namespace mail_relay {

namespace {

constexpr std::int64_t kLossIsFresh_s = std::int64_t{4} * 3600;

}  // namespace

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

}  // namespace mail_relay
