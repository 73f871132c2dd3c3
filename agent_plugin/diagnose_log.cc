#include "agent_plugin/diagnose_log.h"

#include <fmt/format.h>

#include <optional>

#include "agent_plugin/repair.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kSilentAfter_s = kHour_s;

/// Nothing is missed on a host that was told to read none.
std::optional<Finding> no_log_source(const DeliveryFacts &facts, const Configuration &configuration,
                                     const Repair &repair, const Distribution &distribution) {
    if (facts.source.kind != LogSource::Kind::kNone || facts.found_by == "configuration") {
        return std::nullopt;
    }
    if (const auto file = configuration.get("maillog_file"); !file.empty()) {
        return Finding{"no_log_source",
                       Area::kDeliveries,
                       Severity::kWarn,
                       "The mail log cannot be read again: failures, losses and volume are not "
                       "known",
                       fmt::format("maillog_file = {}, which keeps nothing", file),
                       {repair.set("maillog_file", "/var/log/mail.log") +
                            "  # unless somebody collects that output",
                        repair.reload()}};
    }
    return Finding{"no_log_source",
                   Area::kDeliveries,
                   Severity::kWarn,
                   "No mail log is found: failures, losses and volume are not known",
                   "neither maillog_file nor /var/log/mail.log nor /var/log/maillog nor a journal",
                   {install_command(distribution, "rsyslog", "rsyslog", "rsyslog")}};
}

std::string restart_of_log(const DeliveryFacts &facts, const Repair &repair) {
    if (facts.source.kind == LogSource::Kind::kJournal) {
        return "systemctl restart systemd-journald";
    }
    return facts.found_by == "maillog_file" ? repair.reload() : "systemctl restart rsyslog";
}

std::optional<Finding> log_silent(const DeliveryFacts &facts, const QueueFacts &queue,
                                  const Repair &repair, std::int64_t now) {
    const std::int64_t attempt = queue.last_attempt.value_or(0);
    const std::int64_t newest = facts.record.newest_line;
    const bool is_silent = facts.source.kind != LogSource::Kind::kNone && facts.complete &&
                           newest != 0 && attempt <= now && attempt - newest > kSilentAfter_s;
    if (!is_silent) {
        return std::nullopt;
    }
    return Finding{
        "log_silent",
        Area::kDeliveries,
        Severity::kWarn,
        "Postfix works, but nothing of it arrives in the log: what fails now is not known",
        fmt::format("the last attempt is {} h later than the newest line of {}",
                    (attempt - newest) / kHour_s,
                    facts.source.path.empty() ? "the journal" : facts.source.path),
        {restart_of_log(facts, repair)}};
}

}  // namespace

Findings diagnose_log(const DeliveryFacts &facts, const QueueFacts &queue,
                      const Configuration &configuration, const Instance &instance,
                      const Distribution &distribution, std::int64_t now) {
    const Repair repair(instance, configuration);
    Findings findings;
    for (auto &finding : {no_log_source(facts, configuration, repair, distribution),
                          log_silent(facts, queue, repair, now)}) {
        if (finding) {
            findings.push_back(*finding);
        }
    }
    return findings;
}

}  // namespace mail_relay
