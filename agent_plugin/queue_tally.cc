#include "agent_plugin/queue_tally.h"

#include <algorithm>
#include <cstddef>

namespace mail_relay {

namespace {

constexpr std::size_t kTopDomains = 10;
constexpr std::size_t kTopSenders = 5;

void keep_earlier(std::optional<std::int64_t> &kept, std::optional<std::int64_t> time) {
    if (time && (!kept || *time < *kept)) {
        kept = time;
    }
}

void keep_later(std::optional<std::int64_t> &kept, std::optional<std::int64_t> time) {
    if (time && (!kept || *time > *kept)) {
        kept = time;
    }
}

std::size_t age_bucket(std::int64_t age_s) {
    const auto *const end =
        std::find_if(kAgeBucketEnds.begin(), kAgeBucketEnds.end(),
                     [age_s](std::int64_t bucket_end) { return age_s <= bucket_end; });
    return static_cast<std::size_t>(end - kAgeBucketEnds.begin());
}

std::int64_t soon_s(std::int64_t lifetime_s) {
    return std::min<std::int64_t>(86400, lifetime_s / 5);
}

void merge_numbers(QueueNumbers &into, const QueueNumbers &from) {
    into.messages += from.messages;
    into.examined += from.examined;
    if (from.bytes) {
        into.bytes = into.bytes.value_or(0) + *from.bytes;
    }
    keep_earlier(into.oldest_arrival, from.oldest_arrival);
    for (std::size_t i = 0; i < into.age_buckets.size(); ++i) {
        into.age_buckets.at(i) += from.age_buckets.at(i);
    }
}

}  // namespace

QueueClock::QueueClock(const QueueSettings &settings, std::int64_t unix_now)
    : now(unix_now),
      lifetime_s(settings.lifetime.count()),
      bounce_lifetime_s(settings.bounce_lifetime.count()),
      expiring_within_s(soon_s(lifetime_s)) {}

void QueueTally::add_name(Queue queue, std::uint32_t arrival) {
    QueueNumbers &numbers = queues_.at(index_of(queue));
    ++numbers.messages;
    if (arrival != 0) {
        keep_earlier(numbers.oldest_arrival, arrival);
    }
}

void QueueTally::add(Queue queue, const MessageRecord &record) {
    add_name(queue, record.arrival);
    if (record.damaged == 0 && record.arrival != 0) {
        QueueNumbers &numbers = queues_.at(index_of(queue));
        ++numbers.examined;
        numbers.bytes = numbers.bytes.value_or(0) + record.content_bytes;
        ++numbers.age_buckets.at(age_bucket(clock_.now - record.arrival));
    }
    add_texts(queue, record);
    if (queue == Queue::kDeferred) {
        add_deferred(record);
    }
}

void QueueTally::add_texts(Queue queue, const MessageRecord &record) {
    if (queue == Queue::kMaildrop || queue == Queue::kCorrupt) {
        return;
    }
    if (record.sender != 0) {
        senders_.count(record.sender);
    }
    if (queue == Queue::kDeferred || queue == Queue::kActive) {
        for (const std::uint32_t domain : record.domains) {
            if (domain != 0) {
                domains_.count(domain);
            }
        }
    }
}

void QueueTally::add_deferred(const MessageRecord &record) {
    if (record.next_attempt != 0) {
        const std::int64_t late_s = clock_.now - record.next_attempt;
        keep_earlier(next_attempt_, record.next_attempt);
        if (late_s > 0) {
            ++overdue_;
            longest_overdue_s_ = std::max(longest_overdue_s_, late_s);
        }
    }
    if (record.last_attempt != 0) {
        keep_later(last_attempt_, record.last_attempt);
    }
    if (record.arrival != 0) {
        const std::int64_t lifetime_s =
            record.null_sender != 0 ? clock_.bounce_lifetime_s : clock_.lifetime_s;
        const std::int64_t end = record.arrival + lifetime_s;
        if (end - clock_.now <= soon_s(lifetime_s)) {
            ++expiring_;
            keep_earlier(next_expiration_, end);
        }
    }
    if (record.has_reason != 0) {
        ++with_reason_;
        reasons_.count(record.reason, record.arrival);
    }
}

void QueueTally::merge(const QueueTally &other) {
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        merge_numbers(queues_.at(i), other.queues_.at(i));
    }
    keep_earlier(next_attempt_, other.next_attempt_);
    keep_later(last_attempt_, other.last_attempt_);
    overdue_ += other.overdue_;
    longest_overdue_s_ = std::max(longest_overdue_s_, other.longest_overdue_s_);
    expiring_ += other.expiring_;
    keep_earlier(next_expiration_, other.next_expiration_);
    with_reason_ += other.with_reason_;
    senders_.merge(other.senders_);
    domains_.merge(other.domains_);
    reasons_.merge(other.reasons_);
}

void QueueTally::fill(QueueFacts &facts) const {
    facts.next_attempt = next_attempt_;
    facts.last_attempt = last_attempt_;
    facts.overdue = overdue_;
    facts.longest_overdue_s = longest_overdue_s_;
    facts.expiring = expiring_;
    facts.expiring_within_s = clock_.expiring_within_s;
    facts.next_expiration = next_expiration_;
    facts.reasons = reasons_.counted();
    facts.domains = domains_.top(kTopDomains);
    facts.senders = senders_.top(kTopSenders);
    for (const QueueNumbers &numbers : queues_) {
        facts.messages.total += numbers.messages;
        facts.messages.examined += numbers.examined;
    }
    facts.reason_coverage = {with_reason_, numbers(Queue::kDeferred).messages};
}

}  // namespace mail_relay
