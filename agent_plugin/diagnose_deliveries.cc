#include "agent_plugin/diagnose_deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "agent_plugin/repair.h"
#include "agent_plugin/table_name.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kDay_s = 24 * kHour_s;
constexpr std::int64_t kLossIsFresh_s = 4 * kHour_s;
constexpr std::int64_t kCrashLoopEnds_s = 600;
constexpr std::int64_t kLogIsSilentAfter_s = kHour_s;
constexpr std::uint64_t kRateLimitsMatter = 3;

/// A failure class whose appearance is a finding of its own.
struct Cause {
    FailureClass failure;
    std::string_view id;
    std::string_view summary;
};

constexpr auto kCauses = std::to_array<Cause>({
    {FailureClass::kAuthFailed, "bad_password",
     "The relay refuses user name or password: no mail gets out"},
    {FailureClass::kAppPasswordRequired, "app_password_required",
     "The relay wants an application password instead of the account's own"},
    {FailureClass::kBasicAuthDisabled, "basic_auth_refused",
     "The provider no longer lets anybody log on with a password"},
    {FailureClass::kOauthToken, "oauth_token_dead",
     "The OAuth2 token is not valid any more: the relay refuses the log-on"},
    {FailureClass::kQuota, "quota_exceeded",
     "The provider's sending limit is reached: it refuses further mail"},
    {FailureClass::kSenderRejected, "sender_refused",
     "The relay does not accept the sender address of mail from here"},
    {FailureClass::kReputation, "reputation",
     "Receivers block this host's mail for its address, domain or behaviour"},
    {FailureClass::kLoop, "mail_loop", "Mail comes back to this host and is given up as a loop"},
});

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
        for (const Cause &cause : kCauses) {
            if (auto evidence = evidence_of(cause.failure)) {
                add(cause.id, Severity::kCrit, std::string(cause.summary), *std::move(evidence),
                    fix_of(cause.failure));
            }
        }
        rate_limited();
        policy_service_dead();
        mail_lost();
        clock_skew();
        no_log_source();
        log_silent();
        return std::move(findings_);
    }

  private:
    void add(std::string_view id, Severity severity, std::string summary, std::string evidence,
             std::vector<std::string> fix) {
        findings_.push_back({std::string(id), Area::kDeliveries, severity, std::move(summary),
                             std::move(evidence), std::move(fix)});
    }

    bool has_log() const { return facts_.source.kind != LogSource::Kind::kNone; }

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
        if (has_log()) {
            const ClassRecord &record = of_class(failure);
            if (!is_within(record.last.time, kDay_s) || has_recovered(record_, failure)) {
                return std::nullopt;
            }
            return fmt::format("{} in 24 h, last {}", record.recent.last_day(now_),
                               words_of(record.last));
        }
        const auto reason =
            std::find_if(queue_.reasons.begin(), queue_.reasons.end(),
                         [failure](const DeferralReason &row) { return row.failure == failure; });
        if (reason == queue_.reasons.end()) {
            return std::nullopt;
        }
        return fmt::format("{} queued: {}", reason->messages, reason->sample);
    }

    /// postmap for each credentials table that has an index.
    std::vector<std::string> rebuild_credentials() const {
        std::vector<std::string> commands;
        const auto tables = parse_table_list(configuration_.smtp_client("smtp_sasl_password_maps"));
        if (tables) {
            for (const TableName &table : *tables) {
                if (!holds_entries(table)) {
                    commands.push_back(repair_.build(table));
                }
            }
        }
        commands.push_back(repair_.flush());
        return commands;
    }

    std::vector<std::string> fix_of(FailureClass failure) const {
        switch (failure) {
            case FailureClass::kAuthFailed: {
                auto commands = rebuild_credentials();
                commands.insert(commands.begin(),
                                "# put the right password into the credentials file, then");
                return commands;
            }
            case FailureClass::kAppPasswordRequired: {
                auto commands = rebuild_credentials();
                commands.insert(commands.begin(),
                                "# create an application password at the provider, put it into the "
                                "credentials file, then");
                return commands;
            }
            case FailureClass::kBasicAuthDisabled:
                return {"# use OAuth2 (XOAUTH2) or a connector that accepts this host's address"};
            case FailureClass::kOauthToken:
                return {
                    "# renew the token file; its owner must be postfix, and it must lie inside "
                    "the chroot if smtp runs in one",
                    repair_.flush()};
            case FailureClass::kQuota:
                return {
                    "# send less, or use a relay with a higher limit. So that further mail "
                    "waits instead of being returned:",
                    "echo '/^5\\.4\\.5 (.*)/ 4.4.5 $1' > /etc/postfix/delivery_status_filter",
                    repair_.set("smtp_delivery_status_filter",
                                "regexp:/etc/postfix/delivery_status_filter"),
                    repair_.reload()};
            case FailureClass::kSenderRejected:
                return sender_fix();
            case FailureClass::kReputation:
                return {
                    "# send slower; publish SPF and DKIM; ask for removal from the list that "
                    "the reply names"};
            case FailureClass::kLoop:
                return {"# correct relayhost, mydestination or the MX record", repair_.reload()};
            default:
                return {};
        }
    }

    /// A generic map that is set but not built would defer all mail.
    std::vector<std::string> sender_fix() const {
        std::vector<std::string> commands = {
            "# map this host's senders to an address that the relay accepts, or allow them at the "
            "provider (SendAs, verified sender)"};
        if (configuration_.smtp_client("smtp_generic_maps").empty()) {
            const TableName table = repair_.table_of_default_type("generic");
            commands.push_back(edit_command(distribution_, table.name, "SENDER ACCEPTED-SENDER"));
            commands.push_back(repair_.build(table));
            commands.push_back(repair_.set("smtp_generic_maps", printable(table)));
            commands.push_back(repair_.reload());
        }
        return commands;
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
                {"postfix check", restart_command(instance_.name)});
            return;
        }
    }

    bool is_relayhost(std::string_view relay) const {
        const std::string_view host = relay.substr(0, relay.rfind(':'));
        const auto relayhosts = configuration_.relayhosts();
        return std::any_of(relayhosts.begin(), relayhosts.end(),
                           [host](const Relayhost &known) { return known.host == host; });
    }

    /// A class whose bounces tell that the relay wanted a log-on which did not take place.
    bool was_unauthenticated(FailureClass failure) const {
        const FailureSample &last = of_class(failure).last;
        if (last.status != "bounced" || !is_within(last.time, kDay_s) ||
            has_recovered(record_, failure)) {
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
            if (!was_unauthenticated(failure)) {
                continue;
            }
            const ClassRecord &record = of_class(failure);
            const std::uint64_t unnotified = record.unnotified.last_day(now_);
            std::string evidence =
                fmt::format("{} lost in 24 h", recipients(record.lost.last_day(now_)));
            if (unnotified > 0) {
                evidence +=
                    fmt::format("; {} of the notices to their senders bounced as well", unnotified);
            }
            add("unauthenticated_bouncing", Severity::kCrit,
                "Postfix does not log on to the relay, which therefore refuses mail for good: it "
                "is lost, not queued",
                fmt::format("{}; {}", evidence, words_of(record.last)), log_on_fix());
            return;
        }
    }

    std::vector<std::string> log_on_fix() const {
        std::vector<std::string> commands;
        const auto relayhosts = configuration_.relayhosts();
        commands.push_back(
            fmt::format("# the credentials need an entry for {}, written exactly as relayhost",
                        relayhosts.empty() ? "the relay" : relayhosts.front().written));
        if (configuration_.smtp_client("smtp_sasl_auth_enable") != "yes") {
            commands.push_back(repair_.set("smtp_sasl_auth_enable", "yes"));
        }
        commands.push_back(repair_.reload());
        for (auto &command : rebuild_credentials()) {
            commands.push_back(std::move(command));
        }
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
                text += fmt::format("{}{} {}", text.empty() ? "" : ", ", lost,
                                    failure_class_name(static_cast<FailureClass>(i)));
            }
        }
        return text;
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
            fmt::format("Mail to {} was lost for good in the last 24 h ({})", recipients(lost),
                        reasons_of_losses()),
            evidence + words_of(newest), {"# remove the cause, then send the mail again"});
    }

    void clock_skew() {
        const WarningRecord &record = of_kind(WarningKind::kClock);
        if (is_within(record.last, kHour_s)) {
            add("clock_skew", Severity::kWarn,
                "The clocks of this host and of its file system differ: mail may wait too long",
                record.text, {install_command(distribution_, "chrony", "chrony", "chrony")});
        }
    }

    void no_log_source() {
        if (has_log()) {
            return;
        }
        add("no_log_source", Severity::kWarn,
            "No mail log is found: failures, losses and volume are not known",
            "neither maillog_file nor /var/log/mail.log nor /var/log/maillog nor a journal",
            {install_command(distribution_, "rsyslog", "rsyslog", "rsyslog")});
    }

    void log_silent() {
        const auto &last_attempt = queue_.last_attempt;
        if (has_log() && facts_.complete && last_attempt && *last_attempt <= now_ &&
            record_.newest_line != 0 && *last_attempt - record_.newest_line > kLogIsSilentAfter_s) {
            add("log_silent", Severity::kWarn,
                "Postfix works, but nothing of it arrives in the log: what fails now is not known",
                fmt::format("the last attempt is {} h later than the newest line of {}",
                            (*last_attempt - record_.newest_line) / kHour_s,
                            facts_.source.path.empty() ? "the journal" : facts_.source.path),
                {"systemctl restart rsyslog"});
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
