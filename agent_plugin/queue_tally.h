#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "agent_plugin/deferral_reasons.h"
#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_hash.h"
#include "agent_plugin/queue_record.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/queue_text_counts.h"

namespace mail_relay {

/// When a deferred message is given up, and from when on that is near.
struct QueueClock {
    QueueClock(const QueueSettings &settings, std::int64_t unix_now);

    std::int64_t now;
    std::int64_t lifetime_s;
    std::int64_t bounce_lifetime_s;
    /// A day, or a fifth of a lifetime that is shorter than Postfix's default of five days: else
    /// every message of a host that gives up after a day would always be near its end.
    std::int64_t expiring_within_s;
};

/// The numbers of a queue, added up message by message. Several threads fill one each.
class QueueTally {
  public:
    QueueTally(const QueueClock &clock, QueueHash hash) : clock_(clock), reasons_(hash) {}

    /// A message of which no more than the name is known; `arrival` 0 for unknown.
    void add_name(Queue queue, std::uint32_t arrival);

    /// A message that was examined, now or in an earlier look.
    void add(Queue queue, const MessageRecord &record);

    void merge(const QueueTally &other);

    TextCounts &senders() { return senders_; }
    const TextCounts &senders() const { return senders_; }
    TextCounts &domains() { return domains_; }
    const TextCounts &domains() const { return domains_; }
    DeferralReasons &reasons() { return reasons_; }
    const DeferralReasons &reasons() const { return reasons_; }

    const QueueNumbers &numbers(Queue queue) const { return queues_.at(index_of(queue)); }

    /// Numbers of deferred messages: `facts`' times, overdue, expiring, reasons, domains, senders
    /// and coverage.
    void fill(QueueFacts &facts) const;

  private:
    void add_deferred(const MessageRecord &record);
    void add_texts(Queue queue, const MessageRecord &record);

    QueueClock clock_;
    std::array<QueueNumbers, kQueueCount> queues_{};
    std::optional<std::int64_t> next_attempt_;
    std::optional<std::int64_t> last_attempt_;
    std::uint64_t overdue_ = 0;
    std::int64_t longest_overdue_s_ = 0;
    std::uint64_t expiring_ = 0;
    std::optional<std::int64_t> next_expiration_;
    std::uint64_t with_reason_ = 0;
    TextCounts senders_;
    TextCounts domains_;
    DeferralReasons reasons_;
};

}  // namespace mail_relay
