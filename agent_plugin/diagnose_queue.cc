#include "agent_plugin/diagnose_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/diagnose_deferrals.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/repair.h"
#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86400;

// Thresholds (seconds) are this product's own unless they name another origin.

// Pickup looks into maildrop each minute and whenever it is told to (Postfix master.cf: pickup's
// wake-up time 60): five of these missed.
constexpr std::int64_t kPickupIsStuckAfter = 300;
// The queue manager takes from incoming at once unless active is full.
constexpr std::int64_t kIncomingIsStuckAfter = 300;
constexpr std::uint64_t kActiveIsNearlyFullPercent = 80;
constexpr std::int64_t kDeferredIsOld = kHour;
constexpr std::int64_t kDeferredIsVeryOld = 4 * kHour;
// queue_run_delay is 300 s by default, and a retry may wait one whole run.
constexpr std::int64_t kRetryIsOverdueAfter = 900;
constexpr std::int64_t kRetryIsOverdueAfterRuns = 3;
// A script that runs wild sends many a minute; a monitoring server in trouble sends some.
constexpr std::uint64_t kRunawayMessages = 500;
constexpr std::uint64_t kRunawayPerMinute = 20;
/// In the unit of which there are at least two.
std::string format_age(std::int64_t age_s) {
    if (age_s >= 2 * kDay) {
        return fmt::format("{} days", age_s / kDay);
    }
    if (age_s >= 2 * kHour) {
        return fmt::format("{} h", age_s / kHour);
    }
    return age_s >= 2 * kMinute ? fmt::format("{} min", age_s / kMinute)
                                : fmt::format("{} s", age_s);
}

class QueueDiagnosis {
  public:
    QueueDiagnosis(const QueueFacts &facts, const Configuration &configuration,
                   const Instance &instance, const Distribution &distribution, std::int64_t now)
        : facts_(facts),
          configuration_(configuration),
          settings_(queue_settings(configuration)),
          instance_(instance),
          distribution_(distribution),
          repair_(instance, configuration),
          now_(now) {}

    Findings run() {
        unreadable();
        pickup_stuck();
        active_saturated();
        const auto deferrals = diagnose_deferrals(facts_, configuration_, instance_, distribution_);
        findings_.insert(findings_.end(), deferrals.begin(), deferrals.end());
        expiring();
        deferred_old();
        retries_overdue();
        runaway_sender();
        held();
        corrupt();
        return std::move(findings_);
    }

  private:
    void add(std::string_view id, Severity severity, std::string summary, std::string evidence,
             std::vector<std::string> fix) {
        findings_.push_back({std::string(id), Area::kQueue, severity, std::move(summary),
                             std::move(evidence), std::move(fix)});
    }

    /// What the queue's messages name most often under `key`. Not by qshape(1), which is not
    /// installed everywhere.
    std::string most_frequent(std::string_view line_part, std::string_view key) const {
        return fmt::format(
            R"({} {}| grep -o '"{}": "[^"]*"' | sort | uniq -c | sort -rn | head)",
            repair_.command("postqueue") + " -j",
            line_part.empty() ? "" : fmt::format("| grep {} ", shell_quote(line_part)), key);
    }

    std::uint64_t count(Queue queue) const { return facts_[queue] ? facts_[queue]->messages : 0; }

    std::optional<std::int64_t> oldest_age_s(Queue queue) const {
        return facts_[queue] && facts_[queue]->oldest_arrival
                   ? std::optional(now_ - *facts_[queue]->oldest_arrival)
                   : std::nullopt;
    }

    bool active_is_nearly_full() const {
        // Without a limit that means something nothing is said.
        return settings_.active_limit > 0 &&
               count(Queue::kActive) * 100 >= settings_.active_limit * kActiveIsNearlyFullPercent;
    }

    std::string top_reason() const {
        if (facts_.reasons.empty()) {
            return "";
        }
        return evidence_of(facts_.reasons.front());
    }

    void unreadable() {
        std::string reasons;
        for (const Queue queue : kQueues) {
            // showq never lists it; that is no fault.
            const bool expected = queue == Queue::kCorrupt && facts_.source == QueueSource::kShowq;
            if (facts_[queue] || expected) {
                continue;
            }
            const auto problem = std::find_if(
                facts_.problems.begin(), facts_.problems.end(), [queue](const Problem &candidate) {
                    return candidate.what == fmt::format("queues.{}", queue_name(queue));
                });
            reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", queue_name(queue),
                                   problem == facts_.problems.end() ? "unknown" : problem->error);
        }
        if (!reasons.empty()) {
            add("queue_unreadable", Severity::kWarn,
                "The queue cannot be read: how much mail waits is unknown", reasons,
                {facts_.source == QueueSource::kShowq
                     ? "usermod -aG postdrop USER  # the agent's user; or run the agent as root"
                     : repair_.check()});
        }
    }

    void pickup_stuck() {
        if (const auto age_s = oldest_age_s(Queue::kMaildrop);
            age_s && *age_s > kPickupIsStuckAfter) {
            add("pickup_stuck", Severity::kCrit,
                "Mail submitted on this host is not picked up: it does not even reach the queue",
                fmt::format("{} in maildrop, the oldest for {}", messages(count(Queue::kMaildrop)),
                            format_age(*age_s)),
                {repair_.restart()});
        }
    }

    void active_saturated() {
        const auto incoming_age_s = oldest_age_s(Queue::kIncoming);
        const bool incoming_waits = incoming_age_s && *incoming_age_s > kIncomingIsStuckAfter;
        if (!incoming_waits && !active_is_nearly_full()) {
            return;
        }
        std::string evidence = fmt::format("{} in active, whose limit is {}",
                                           messages(count(Queue::kActive)), settings_.active_limit);
        if (incoming_waits) {
            evidence += fmt::format("; {} in incoming, the oldest for {}",
                                    messages(count(Queue::kIncoming)), format_age(*incoming_age_s));
        }
        add("active_saturated", Severity::kCrit,
            "New mail waits because the queue manager is busy with other mail", std::move(evidence),
            {most_frequent(R"("queue_name": "active")", "address") + "  # where it goes"});
    }

    void deferred_old() {
        if (const auto age_s = oldest_age_s(Queue::kDeferred); age_s && *age_s > kDeferredIsOld) {
            add("deferred_old", *age_s > kDeferredIsVeryOld ? Severity::kCrit : Severity::kWarn,
                fmt::format("The oldest deferred message waits for {}", format_age(*age_s)),
                top_reason(), {repair_.flush()});
        }
    }

    void expiring() {
        if (facts_.expiring == 0) {
            return;
        }
        const auto days = std::max<std::int64_t>(settings_.lifetime.count() * 2 / kDay, 1);
        const std::int64_t left_s = facts_.next_expiration.value_or(now_) - now_;
        add("expiring_soon", Severity::kCrit,
            fmt::format("{} will be given up soon and returned to the sender",
                        messages(facts_.expiring)),
            left_s > 0 ? fmt::format("the first in {}; {}", format_age(left_s), top_reason())
                       : fmt::format("the first at its next attempt; {}", top_reason()),
            {repair_.set("maximal_queue_lifetime", fmt::format("{}d", days)),
             repair_.set("bounce_queue_lifetime", fmt::format("{}d", days)) + "  # for notices",
             repair_.reload()});
    }

    void retries_overdue() {
        const std::int64_t limit_s = std::max(
            kRetryIsOverdueAfter,
            kRetryIsOverdueAfterRuns * static_cast<std::int64_t>(settings_.run_delay.count()));
        if (facts_.longest_overdue_s > limit_s && !active_is_nearly_full()) {
            add("retries_overdue", Severity::kCrit,
                "Postfix does not retry deferred mail although its time has come",
                fmt::format("{} due, the first for {}", messages(facts_.overdue),
                            format_age(facts_.longest_overdue_s)),
                {repair_.flush(), repair_.restart()});
        }
    }

    void held() {
        if (count(Queue::kHold) > 0) {
            add("held_mail", Severity::kWarn,
                fmt::format("{} on hold: not sent until somebody releases it",
                            messages(count(Queue::kHold))),
                "",
                {repair_.command("postqueue") + " -p", repair_.command("postsuper") + " -H ALL"});
        }
    }

    void corrupt() {
        if (count(Queue::kCorrupt) > 0) {
            const std::string directory = shell_quote(settings_.queue_directory + "/" +
                                                      std::string(queue_name(Queue::kCorrupt)));
            add("corrupt_mail", Severity::kWarn,
                fmt::format("{} set aside as damaged: never delivered",
                            messages(count(Queue::kCorrupt))),
                "", {fmt::format("find {} -type f -exec postcat {{}} +", directory)});
        }
    }

    void runaway_sender() {
        const auto &growth = facts_.top_sender_growth;
        if (!growth || growth->messages < kRunawayMessages ||
            growth->messages <= growth->messages_before || growth->seconds <= 0) {
            return;
        }
        const std::uint64_t grown = growth->messages - growth->messages_before;
        const bool is_most_of_it = growth->messages * 2 > facts_.messages.total;
        if (is_most_of_it &&
            grown * 60 >= kRunawayPerMinute * static_cast<std::uint64_t>(growth->seconds)) {
            add("runaway_sender", Severity::kWarn,
                "One sender fills the queue faster than it empties",
                fmt::format("{} has {} of {}, {} more than {} ago", growth->sender,
                            growth->messages, messages(facts_.messages.total), grown,
                            format_age(growth->seconds)),
                {most_frequent("", "sender")});
        }
    }

    const QueueFacts &facts_;
    const Configuration &configuration_;
    const QueueSettings settings_;
    const Instance &instance_;
    const Distribution &distribution_;
    const Repair repair_;
    const std::int64_t now_;
    Findings findings_;
};

}  // namespace

Findings diagnose_queue(const QueueFacts &facts, const Configuration &configuration,
                        const Instance &instance, const Distribution &distribution,
                        std::int64_t now) {
    return QueueDiagnosis(facts, configuration, instance, distribution, now).run();
}

}  // namespace mail_relay
