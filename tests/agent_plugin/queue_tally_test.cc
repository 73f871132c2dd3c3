#include "agent_plugin/queue_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kNow = 1795256400;
constexpr std::int64_t kDay = 86400;

QueueSettings settings_with(std::int64_t lifetime_s, std::int64_t bounce_lifetime_s) {
    QueueSettings settings;
    settings.lifetime = std::chrono::seconds(lifetime_s);
    settings.bounce_lifetime = std::chrono::seconds(bounce_lifetime_s);
    return settings;
}

class QueueTallyTest : public testing::Test {
  protected:
    static MessageRecord message(std::int64_t age_s, std::uint64_t bytes = 100) {
        MessageRecord record;
        record.arrival = static_cast<std::uint32_t>(kNow - age_s);
        record.set_content_bytes(bytes);
        return record;
    }

    QueueTally tally() const { return {clock_, hash_}; }

    static QueueFacts facts_of(const QueueTally &tally) {
        QueueFacts facts;
        tally.fill(facts);
        return facts;
    }

    QueueHash hash_{1};
    QueueClock clock_{settings_with(5 * kDay, kDay), kNow};
};

TEST_F(QueueTallyTest, AgesFallIntoBuckets) {
    QueueTally sum = tally();
    for (const std::int64_t age_s :
         {std::int64_t{-5}, std::int64_t{0}, std::int64_t{300}, std::int64_t{301},
          std::int64_t{14400}, kDay, 5 * kDay, 5 * kDay + 1}) {
        sum.add(Queue::kDeferred, message(age_s));
    }
    const QueueNumbers &numbers = sum.numbers(Queue::kDeferred);
    EXPECT_THAT(numbers.age_buckets, ElementsAre(3, 1, 1, 1, 1, 1));
    EXPECT_EQ(numbers.messages, 8U);
    EXPECT_EQ(numbers.examined, 8U);
    EXPECT_EQ(numbers.bytes, 800U);
    EXPECT_EQ(numbers.oldest_arrival, kNow - 5 * kDay - 1);
}

TEST_F(QueueTallyTest, ANameAloneCountsAndIsNotExamined) {
    QueueTally sum = tally();
    sum.add_name(Queue::kHold, 0);
    sum.add_name(Queue::kHold, static_cast<std::uint32_t>(kNow - 7));
    const QueueNumbers &numbers = sum.numbers(Queue::kHold);
    EXPECT_EQ(numbers.messages, 2U);
    EXPECT_EQ(numbers.examined, 0U);
    EXPECT_EQ(numbers.bytes, std::nullopt);
    EXPECT_EQ(numbers.oldest_arrival, kNow - 7);
}

TEST_F(QueueTallyTest, OfADamagedMessageOnlyItsTimeIsBelieved) {
    MessageRecord damaged = message(1000, 999);
    damaged.damaged = 1;
    QueueTally sum = tally();
    sum.add(Queue::kActive, damaged);
    EXPECT_EQ(sum.numbers(Queue::kActive).examined, 0U);
    EXPECT_EQ(sum.numbers(Queue::kActive).bytes, std::nullopt);
    EXPECT_EQ(sum.numbers(Queue::kActive).oldest_arrival, kNow - 1000);
}

TEST_F(QueueTallyTest, AttemptsAreThoseOfDeferredMessages) {
    MessageRecord late = message(1000);
    late.next_attempt = kNow - 60;
    late.last_attempt = kNow - 400;
    MessageRecord waiting = message(1000);
    waiting.next_attempt = kNow + 60;
    waiting.last_attempt = kNow - 300;
    MessageRecord due = message(1000);
    due.next_attempt = kNow;
    QueueTally sum = tally();
    sum.add(Queue::kDeferred, late);
    sum.add(Queue::kDeferred, waiting);
    sum.add(Queue::kDeferred, due);
    late.next_attempt = kNow - 5000;
    sum.add(Queue::kHold, late);
    const QueueFacts facts = facts_of(sum);
    EXPECT_EQ(facts.next_attempt, kNow - 60);
    EXPECT_EQ(facts.last_attempt, kNow - 300);
    EXPECT_EQ(facts.overdue, 1U);
    EXPECT_EQ(facts.longest_overdue_s, 60);
}

TEST_F(QueueTallyTest, BouncesAreGivenUpAfterTheirOwnLifetime) {
    QueueTally sum = tally();
    sum.add(Queue::kDeferred, message(4 * kDay - 1));
    EXPECT_EQ(facts_of(sum).expiring, 0U);
    sum.add(Queue::kDeferred, message(4 * kDay));
    EXPECT_EQ(facts_of(sum).expiring, 1U);
    EXPECT_EQ(facts_of(sum).next_expiration, kNow + kDay);
    MessageRecord bounce = message(kDay - 100);  // a fifth of its day is left from 19.2 h on
    bounce.null_sender = 1;
    sum.add(Queue::kDeferred, bounce);
    EXPECT_EQ(facts_of(sum).expiring, 2U);
    EXPECT_EQ(facts_of(sum).next_expiration, kNow + 100);
    EXPECT_EQ(facts_of(sum).expiring_within_s, kDay);
}

TEST_F(QueueTallyTest, AShortLifetimeEndsSoonOnlyInItsLastFifth) {
    const QueueClock clock(settings_with(3600, 3600), kNow);
    EXPECT_EQ(clock.expiring_within_s, 720);
    QueueTally sum(clock, hash_);
    sum.add(Queue::kDeferred, message(2879));
    EXPECT_EQ(facts_of(sum).expiring, 0U);
    sum.add(Queue::kDeferred, message(2880));
    EXPECT_EQ(facts_of(sum).expiring, 1U);
}

TEST_F(QueueTallyTest, DomainsAreThoseOfWhatIsToBeDelivered) {
    QueueTally sum = tally();
    MessageRecord record = message(10);
    record.sender = hash_.tag("a@example.org");
    record.domains = {hash_.tag("example.org"), hash_.tag("other.test"), 0};
    sum.senders().learn(record.sender, "a@example.org");
    sum.domains().learn(record.domains[0], "example.org");
    sum.domains().learn(record.domains[1], "other.test");
    for (const Queue queue : kQueues) {
        sum.add(queue, record);
    }
    const QueueFacts facts = facts_of(sum);
    ASSERT_EQ(facts.domains.size(), 2U);
    EXPECT_EQ(facts.domains[0].messages, 2U);  // active and deferred
    ASSERT_EQ(facts.senders.size(), 1U);
    EXPECT_EQ(facts.senders[0].messages, 4U);  // all but maildrop and corrupt
}

TEST_F(QueueTallyTest, PartsAddUpToTheWhole) {
    QueueTally one = tally();
    QueueTally other = tally();
    MessageRecord record = message(5 * kDay - 10);
    record.next_attempt = kNow - 10;
    record.last_attempt = kNow - 500;
    record.reason = one.reasons().learn("connect to x[192.0.2.1]:25: Connection refused", "4.4.1");
    record.has_reason = 1;
    one.add(Queue::kDeferred, record);
    MessageRecord later = message(100);
    later.next_attempt = kNow + 10;
    later.last_attempt = kNow - 400;
    other.add(Queue::kDeferred, later);
    other.add_name(Queue::kCorrupt, 0);
    QueueTally sum = tally();
    sum.merge(one);
    sum.merge(other);
    const QueueFacts facts = facts_of(sum);
    EXPECT_EQ(facts.messages.total, 3U);
    EXPECT_EQ(facts.messages.examined, 2U);
    EXPECT_EQ(facts.next_attempt, kNow - 10);
    EXPECT_EQ(facts.last_attempt, kNow - 400);
    EXPECT_EQ(facts.overdue, 1U);
    EXPECT_EQ(facts.expiring, 1U);
    EXPECT_EQ(facts.reason_coverage.examined, 1U);
    EXPECT_EQ(facts.reason_coverage.total, 2U);
    ASSERT_EQ(facts.reasons.size(), 1U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kRefused);
    EXPECT_EQ(sum.numbers(Queue::kDeferred).bytes, 200U);
}

}  // namespace
}  // namespace mail_relay
