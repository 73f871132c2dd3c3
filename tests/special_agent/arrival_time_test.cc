#include "special_agent/arrival_time.h"

#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

constexpr std::int64_t kNow_ms = 1'795'246'145'000;
constexpr Probe kProbe{7, kNow_ms - 60'000};

FoundMail mail() {
    FoundMail found;
    found.internal_date = kNow_ms / 1000 - 50;
    return found;
}

TEST(ArrivalTime, IsWhenItWasSeenComing) {
    FoundMail seen = mail();
    seen.observed_ms = kNow_ms - 300;
    const Arrival arrival = arrival_of(seen, kProbe, kNow_ms, 600.0);
    EXPECT_EQ(arrival.measured, Measured::kObserved);
    EXPECT_EQ(arrival.arrived_ms, kNow_ms - 300);
}

TEST(ArrivalTime, OtherwiseTheMailboxTellsIt) {
    const Arrival arrival = arrival_of(mail(), kProbe, kNow_ms, std::nullopt);
    EXPECT_EQ(arrival.measured, Measured::kInternalDate);
    EXPECT_EQ(arrival.arrived_ms, kNow_ms - 50'000 + 500);
}

TEST(ArrivalTime, TheDifferenceOfTheClocksIsTakenOut) {
    EXPECT_EQ(arrival_of(mail(), kProbe, kNow_ms, 600.0).arrived_ms,
              kNow_ms - 50'000 + 500 - 600'000);
}

TEST(ArrivalTime, WithoutAnyWordItIsNow) {
    EXPECT_EQ(arrival_of(FoundMail(), kProbe, kNow_ms, 600.0).arrived_ms, kNow_ms);
}

}  // namespace
}  // namespace mail_relay::roundtrip
