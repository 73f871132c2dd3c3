#include "agent_plugin/diagnose_deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "agent_plugin/delivery_causes.h"
#include "agent_plugin/diagnose_log.h"
#include "agent_plugin/repair.h"
#include "agent_plugin/shell_quote.h"
#include "common/failure_title.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kDay_s = 24 * kHour_s;
constexpr std::int64_t kLossIsFresh_s = 4 * kHour_s;
constexpr std::int64_t kCrashLoopEnds_s = 600;
constexpr std::uint64_t kRateLimitsMatter = 3;

std::string recipients(std::uint64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "recipient" : "recipients");
}

class DeliveryDiagnosis {
  public:
    DeliveryDiagnosis(const DeliveryFacts &facts, const QueueFacts &queue,
                      const Configuration &configuration, const Instance &instance,
                      const Distribution &distribution, std::int64_t now)
        : facts_(facts),
          record_(facts.record),
          queue_(queue),
          configuration_(configuration),
          instance_(instance),
          distribution_(distribution),
          repair_(instance, configuration),
          now_(now) {}

    Findings run() && {
        daemon_crash_loop();
        unauthenticated_bouncing();
        for (const DeliveryCause &cause : delivery_causes()) {
            if (auto evidence = evidence_of(cause.failure)) {
                add(cause.id, severity_of(cause.failure), std::string(cause.summary),
                    *std::move(evidence), fix_of(cause.failure));
            }
        }
        rate_limited();
        policy_service_dead();
        mail_lost();
        clock_skew();
        const Findings of_log =
            diagnose_log(facts_, queue_, configuration_, instance_, distribution_, now_);
        findings_.insert(findings_.end(), of_log.begin(), of_log.end());
        return std::move(findings_);
    }

  private:
    void add(std::string_view id, Severity severity, std::string summary, std::string evidence,
             std::vector<std::string> fix) {
        findings_.push_back({std::string(id), Area::kDeliveries, severity, std::move(summary),
                             std::move(evidence), std::move(fix)});
    }

    /// Whether anything is known from a log.
    bool has_log() const {
        return facts_.source.kind != LogSource::Kind::kNone && record_.counters_since != 0;
    }

    std::vector<std::string> fix_of(FailureClass failure) const {
        return repair_cause(failure, configuration_, repair_, distribution_);
    }

    const ClassRecord &of_class(FailureClass failure) const {
        return record_.classes.at(static_cast<std::size_t>(failure));
    }
    const WarningRecord &of_kind(WarningKind kind) const {
        return record_.warnings.at(static_cast<std::size_t>(kind));
    }

    bool is_within(std::int64_t time, std::int64_t span_s) const {
        return time != 0 && now_ - time < span_s;
    }

    static std::string words_of(const FailureSample &sample) {
        return fmt::format("{}: {} ({}): {}", sample.queue_id, sample.status,
                           sample.relay.empty() ? "no relay" : sample.relay, sample.text);
    }

    /// Why a failure of this class is believed to last; nullopt: it is not.
    std::optional<std::string> evidence_of(FailureClass failure) const {
        const ClassRecord &record = of_class(failure);
        if (!has_log() || record.last.time == 0) {
            return evidence_of_queue(failure);
        }
        if (!is_within(record.last.time, kDay_s) || has_recovered(record_, failure)) {
            return std::nullopt;
        }
        return fmt::format("{} in 24 h, last {}", record.recent.last_day(now_),
                           words_of(record.last));
    }

    /// The same from the reasons in the queue, unless mail was sent after they were noted.
    std::optional<std::string> evidence_of_queue(FailureClass failure) const {
        const auto reason =
            std::find_if(queue_.reasons.begin(), queue_.reasons.end(),
                         [failure](const DeferralReason &row) { return row.failure == failure; });
        const bool is_over = has_log() && record_.last_sent > queue_.last_attempt.value_or(now_);
        if (reason == queue_.reasons.end() || is_over) {
            return std::nullopt;
        }
        return fmt::format("{} queued: {}", reason->messages, reason->sample);
    }

    /// A sender that one recipient's server refuses is that sender's trouble, not the relay's.
    Severity severity_of(FailureClass failure) const {
        const FailureSample &last = of_class(failure).last;
        const bool is_elsewhere =
            failure == FailureClass::kSenderRejected && last.time != 0 && !is_relayhost(last.relay);
        return is_elsewhere ? Severity::kWarn : Severity::kCrit;
    }

    void daemon_crash_loop() {
        for (const ThrottledDaemon &daemon : record_.throttled) {
            if (daemon.recovered || !is_within(daemon.last, kCrashLoopEnds_s)) {
                continue;
            }
            add("daemon_crash_loop", Severity::kCrit,
                fmt::format("Postfix's {} ends as soon as it is started: what it does stands still",
                            daemon.name),
                daemon.fatal.empty() ? of_kind(WarningKind::kThrottling).text : daemon.fatal,
                {repair_.check(), repair_.restart()});
            return;
        }
    }

    /// Whether a relay of the log is one that all mail goes to, also by its MX record.
    bool is_relayhost(std::string_view relay) const {
        const std::string_view host = relay.substr(0, relay.rfind(':'));
        const auto relayhosts = configuration_.relayhosts();
        return std::any_of(relayhosts.begin(), relayhosts.end(), [host](const Relayhost &known) {
            return known.mx_lookup || known.host == host;
        });
    }

    /// A class whose failures tell that the relay wanted a log-on which did not take place.
    bool was_unauthenticated(FailureClass failure) const {
        const FailureSample &last = of_class(failure).last;
        if (!is_within(last.time, kDay_s) || has_recovered(record_, failure)) {
            return false;
        }
        return failure == FailureClass::kAuthRequired ||
               (is_relayhost(last.relay) &&
                (failure == FailureClass::kRelayDenied ||
                 last.text.find("Client host rejected: Access denied") != std::string::npos));
    }

    void unauthenticated_bouncing() {
        for (const FailureClass failure :
             {FailureClass::kAuthRequired, FailureClass::kRelayDenied, FailureClass::kReputation}) {
            if (was_unauthenticated(failure)) {
                add("unauthenticated_bouncing", Severity::kCrit,
                    of_class(failure).last.status == "bounced"
                        ? "Postfix does not log on to the relay, which therefore refuses mail for "
                          "good: it is lost, not queued"
                        : "Postfix does not log on to the relay, which therefore refuses mail",
                    evidence_of_log_on(of_class(failure)), log_on_fix());
                return;
            }
        }
    }

    std::string evidence_of_log_on(const ClassRecord &record) const {
        std::string evidence;
        if (const std::uint64_t lost = record.lost.last_day(now_); lost > 0) {
            evidence = fmt::format("{} lost in 24 h; ", recipients(lost));
        }
        if (const std::uint64_t unnotified = record.unnotified.last_day(now_); unnotified > 0) {
            evidence +=
                fmt::format("{} of the notices to their senders bounced as well; ", unnotified);
        }
        return evidence + words_of(record.last);
    }

    std::vector<std::string> log_on_fix() const {
        std::vector<std::string> commands;
        const auto relayhosts = configuration_.relayhosts();
        commands.push_back(
            fmt::format("# the credentials need an entry for {}, written exactly as relayhost",
                        relayhosts.empty() ? "the relay" : relayhosts.front().written));
        if (!configuration_.smtp_client_is_yes("smtp_sasl_auth_enable")) {
            commands.push_back(repair_.set("smtp_sasl_auth_enable", "yes"));
        }
        commands.push_back(repair_.reload());
        const auto rebuild = rebuild_credentials(configuration_, repair_);
        commands.insert(commands.end(), rebuild.begin(), rebuild.end());
        return commands;
    }

    void rate_limited() {
        const ClassRecord &record = of_class(FailureClass::kRateLimited);
        const bool is_active =
            record.recent.of_hour(now_) + record.recent.of_hour(now_ - kHour_s) >=
                kRateLimitsMatter &&
            is_within(record.last.time, kHour_s) &&
            !has_recovered(record_, FailureClass::kRateLimited);
        const bool is_named = std::any_of(findings_.begin(), findings_.end(),
                                          [](const Finding &f) { return f.id == "reputation"; });
        if (is_active && !is_named) {
            add("reputation", Severity::kCrit, "Receivers take mail from this host only slowly",
                words_of(record.last), fix_of(FailureClass::kReputation));
        }
    }

    void policy_service_dead() {
        const WarningRecord &record = of_kind(WarningKind::kPolicy);
        if (is_within(record.last, kHour_s) && record_.last_relayed_at < record.last_at) {
            add("policy_service_dead", Severity::kCrit,
                "The service of smtp_tls_policy_maps does not answer: mail that needs it waits",
                record.text,
                {"systemctl restart postfix-mta-sts-resolver  # or postfix-tlspol",
                 repair_.flush()});
        }
    }

    std::string reasons_of_losses() const {
        std::string text;
        for (std::size_t i = 0; i < record_.classes.size(); ++i) {
            const std::uint64_t lost = record_.classes.at(i).lost.last_day(now_);
            if (lost > 0) {
                text += fmt::format("{}{} ({})", text.empty() ? "" : ", ",
                                    failure_title(static_cast<FailureClass>(i)), lost);
            }
        }
        return text;
    }

    /// The command that shows which mail it was.
    std::string list_of_losses() const {
        const std::string log = facts_.source.kind == LogSource::Kind::kJournal
                                    ? "journalctl --since=-24h | grep -E"
                                    : "grep -E";
        const std::string file = facts_.source.kind == LogSource::Kind::kJournal
                                     ? ""
                                     : " " + shell_quote(facts_.source.path);
        return fmt::format("{} 'status=(bounced|expired)'{}", log, file);
    }

    void mail_lost() {
        if (record_.losses.empty() || !is_within(record_.losses.front().time, kDay_s)) {
            return;
        }
        std::uint64_t lost = 0;
        std::uint64_t unnotified = 0;
        for (const ClassRecord &record : record_.classes) {
            lost += record.lost.last_day(now_);
            unnotified += record.unnotified.last_day(now_);
        }
        const FailureSample &newest = record_.losses.front();
        std::string evidence;
        if (unnotified > 0) {
            evidence = fmt::format("{} of the notices to senders bounced as well; ", unnotified);
        }
        add("mail_lost", is_within(newest.time, kLossIsFresh_s) ? Severity::kCrit : Severity::kWarn,
            fmt::format("Mail to {} was lost for good in the last 24 h: {}", recipients(lost),
                        reasons_of_losses()),
            evidence + words_of(newest),
            {"# remove the cause, then have the mail sent again; this is told until a day has "
             "passed",
             list_of_losses()});
    }

    void clock_skew() {
        const WarningRecord &record = of_kind(WarningKind::kClock);
        if (is_within(record.last, kHour_s)) {
            add("clock_skew", Severity::kWarn,
                "The clocks of this host and of its file system differ: mail may wait too long",
                record.text, {install_command(distribution_, "chrony", "chrony", "chrony")});
        }
    }

    const DeliveryFacts &facts_;
    const DeliveryRecord &record_;
    const QueueFacts &queue_;
    const Configuration &configuration_;
    const Instance &instance_;
    const Distribution &distribution_;
    const Repair repair_;
    const std::int64_t now_;
    Findings findings_;
};

}  // namespace

Findings diagnose_deliveries(const DeliveryFacts &facts, const QueueFacts &queue,
                             const Configuration &configuration, const Instance &instance,
                             const Distribution &distribution, std::int64_t now) {
    return DeliveryDiagnosis(facts, queue, configuration, instance, distribution, now).run();
}

}  // namespace mail_relay
