#include "special_agent/probe_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kNow = 1'795'246'145'000;

Arrival arrival_of(const Probe &probe, std::int64_t arrived_ms, const std::string &folder = "INBOX",
                   std::int64_t internal_date = 1, std::uint32_t uid_validity = 7,
                   std::uint32_t uid = 1) {
    return {probe, arrived_ms, Measured::kObserved, folder, internal_date, uid_validity, uid};
}

TEST(ProbeLedger, AnArrivalCompletesTheProbe) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    EXPECT_THAT(ledger.outstanding, ElementsAre(probe));
    EXPECT_EQ(ledger.record_arrival(arrival_of(probe, kNow + 2310)), ArrivalKind::kCompleted);
    EXPECT_THAT(ledger.outstanding, IsEmpty());
    ASSERT_EQ(ledger.completions.size(), 1U);
    EXPECT_EQ(ledger.completions[0].number, 1U);
    EXPECT_DOUBLE_EQ(ledger.completions[0].latency_s(), 2.31);
    EXPECT_EQ(ledger.completed, 1U);
}

TEST(ProbeLedger, ALatencyIsNeverNegative) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.record_arrival(arrival_of(probe, kNow - 5000));
    EXPECT_DOUBLE_EQ(ledger.completions[0].latency_s(), 0.0);
}

TEST(ProbeLedger, WhatDoesNotComeIsLostAfterTheTime) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.declare_lost(kNow + 60 * kMinute, 60 * kMinute);
    EXPECT_EQ(ledger.lost, 0U);
    ledger.declare_lost(kNow + 60 * kMinute + 1, 60 * kMinute);
    EXPECT_EQ(ledger.lost, 1U);
    EXPECT_THAT(ledger.open_losses(), ElementsAre(probe));
}

TEST(ProbeLedger, ALossIsOpenUntilALaterProbeArrives) {
    ProbeLedger ledger;
    const Probe first = ledger.record_sent(kNow);
    const Probe second = ledger.record_sent(kNow + kMinute);
    const Probe third = ledger.record_sent(kNow + 2 * kMinute);
    ledger.record_arrival(arrival_of(first, kNow + 1));
    ledger.declare_lost(kNow + 2 * kMinute + 1, kMinute);
    EXPECT_THAT(ledger.open_losses(), ElementsAre(second));
    ledger.record_arrival(arrival_of(third, kNow + 3 * kMinute));
    EXPECT_THAT(ledger.open_losses(), IsEmpty());
    EXPECT_EQ(ledger.lost, 1U);
}

TEST(ProbeLedger, ALostOneThatComesAfterAllIsLateAndNoLongerLost) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.declare_lost(kNow + 2 * kMinute, kMinute);
    EXPECT_EQ(ledger.record_arrival(arrival_of(probe, kNow + 3 * kMinute)), ArrivalKind::kLate);
    EXPECT_EQ(ledger.lost, 0U);
    EXPECT_EQ(ledger.late, 1U);
    EXPECT_TRUE(ledger.completions[0].late);
    EXPECT_THAT(ledger.open_losses(), IsEmpty());
}

TEST(ProbeLedger, ASecondCopyIsADuplicate) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.record_arrival(arrival_of(probe, kNow + 1, "INBOX", 100, 7, 1));
    EXPECT_EQ(ledger.record_arrival(arrival_of(probe, kNow + 9, "INBOX", 100, 7, 2)),
              ArrivalKind::kDuplicate);
    EXPECT_EQ(ledger.record_arrival(arrival_of(probe, kNow + 9, "Junk", 101, 8, 1)),
              ArrivalKind::kDuplicate);
    EXPECT_EQ(ledger.duplicates, 2U);
    EXPECT_EQ(ledger.completed, 1U);
}

TEST(ProbeLedger, TheSameMailSeenOnceMoreIsNoDuplicate) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.record_arrival(arrival_of(probe, kNow + 1, "INBOX", 100, 7, 5));
    for (const auto &once_more : {arrival_of(probe, kNow + 9, "INBOX", 100, 7, 5),  // searched anew
                                  arrival_of(probe, kNow + 9, "Junk", 100, 8, 1),   // moved
                                  arrival_of(probe, kNow + 9, "INBOX", 100, 9, 1)}) {  // renumbered
        EXPECT_EQ(ledger.record_arrival(once_more), ArrivalKind::kSeenBefore);
    }
    EXPECT_EQ(ledger.duplicates, 0U);
}

TEST(ProbeLedger, AProbeThatIsNotInTheBooksIsForgotten) {
    ProbeLedger ledger;
    EXPECT_EQ(ledger.record_arrival(arrival_of({99, kNow}, kNow)), ArrivalKind::kForgotten);
    EXPECT_EQ(ledger.completed, 0U);
}

TEST(ProbeLedger, AFailedSubmissionLeavesNothingToWaitFor) {
    ProbeLedger ledger;
    const Probe probe = ledger.record_sent(kNow);
    ledger.record_not_sent(probe);
    ledger.declare_lost(kNow + 1000 * kMinute, kMinute);
    EXPECT_EQ(ledger.lost, 0U);
    EXPECT_EQ(ledger.sent, 0U);
    EXPECT_EQ(ledger.record_sent(kNow + kMinute).sequence, probe.sequence + 1);
}

TEST(ProbeLedger, SendsOncePerInterval) {
    ProbeLedger ledger;
    EXPECT_TRUE(ledger.is_due(kNow, 5 * kMinute));
    ledger.record_sent(kNow);
    EXPECT_FALSE(ledger.is_due(kNow, 5 * kMinute));
    EXPECT_FALSE(ledger.is_due(kNow + 4 * kMinute, 5 * kMinute));
    EXPECT_TRUE(ledger.is_due(kNow + 5 * kMinute, 5 * kMinute));
    EXPECT_TRUE(ledger.is_due(kNow + 5 * kMinute - 900, 5 * kMinute)) << "a check started early";
}

TEST(ProbeLedger, AClockSetBackStopsNothing) {
    ProbeLedger ledger;
    ledger.record_sent(kNow);
    EXPECT_TRUE(ledger.is_due(kNow - 180 * kMinute, 5 * kMinute));
    ledger.declare_lost(kNow - 180 * kMinute, kMinute);
    EXPECT_EQ(ledger.lost, 0U);
}

TEST(ProbeLedger, StaysBoundedAndCountsWhatItForgets) {
    ProbeLedger ledger;
    for (std::int64_t i = 0; i < 1000; ++i) {
        ledger.record_sent(kNow + i);
    }
    EXPECT_EQ(ledger.outstanding.size(), ProbeLedger::kMostOutstanding);
    EXPECT_EQ(ledger.missing.size(), ProbeLedger::kMostMissing);
    EXPECT_EQ(ledger.lost, 1000 - ProbeLedger::kMostOutstanding);
    for (const Probe &probe : std::vector<Probe>(ledger.outstanding)) {
        ledger.record_arrival(arrival_of(probe, kNow + 2000));
    }
    EXPECT_EQ(ledger.completions.size(), ProbeLedger::kMostCompletions);
    EXPECT_EQ(ledger.completions.back().number, ProbeLedger::kMostOutstanding);
}

}  // namespace
}  // namespace mail_relay::roundtrip
