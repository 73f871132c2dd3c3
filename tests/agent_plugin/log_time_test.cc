#include "agent_plugin/log_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795255325;  // 2026-11-21T10:02:05Z

/// Local time is that of this zone while one of these lives.
class LogTimesTest : public testing::Test {
  protected:
    LogTimesTest() { use("UTC"); }
    ~LogTimesTest() override { use("UTC"); }
    static void use(const char *zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
};

TEST_F(LogTimesTest, ReadsClassicStampsAsLocalTime) {
    EXPECT_EQ(LogTimes(kNow).read("Nov 21 10:02:05"), kNow);
    use("CET-1CEST,M3.5.0,M10.5.0/3");
    EXPECT_EQ(LogTimes(kNow).read("Nov 21 11:02:05"), kNow);
}

TEST_F(LogTimesTest, ReadsRfc3339) {
    EXPECT_EQ(LogTimes(kNow).read("2026-11-21T10:02:05Z"), kNow);
    EXPECT_EQ(LogTimes(kNow).read("2026-11-21T11:02:05.123456+01:00"), kNow);
    EXPECT_EQ(LogTimes(kNow).read("2026-11-21T04:32:05-05:30"), kNow);
    EXPECT_EQ(LogTimes(kNow).read("2024-02-29T00:00:00Z"), 1709164800);
}

TEST_F(LogTimesTest, SecondsOfOneMinuteAndOtherMinutesFollowEachOther) {
    LogTimes times(kNow);
    EXPECT_EQ(times.read("Nov 21 10:01:58"), kNow - 7);
    EXPECT_EQ(times.read("Nov 21 10:01:59"), kNow - 6);
    EXPECT_EQ(times.read("Nov 21 09:01:59"), kNow - 3606);
    EXPECT_EQ(times.read("2026-11-21T10:01:59Z"), kNow - 6);
    EXPECT_EQ(times.read("2026-11-21T10:01:59+01:00"), kNow - 3606);
}

TEST_F(LogTimesTest, ALineOfDecemberReadInJanuaryIsOfTheYearBefore) {
    constexpr std::int64_t kNewYear = 1798761600;  // 2027-01-01T00:00:00Z
    EXPECT_EQ(LogTimes(kNewYear + 60).read("Dec 31 23:59:30"), kNewYear - 30);
    EXPECT_EQ(LogTimes(kNewYear + 60).read("Jan  1 00:00:30"), kNewYear + 30);
    // A clock that is ahead of ours on New Year's Eve: taken as of now.
    EXPECT_EQ(LogTimes(kNewYear - 60).read("Jan  1 00:00:30"), kNewYear - 60);
}

TEST_F(LogTimesTest, NothingIsLaterThanNow) {
    EXPECT_EQ(LogTimes(kNow).read("2099-01-01T00:00:00Z"), kNow);
}

TEST_F(LogTimesTest, DamagedStampsHaveNoTime) {
    for (const std::string stamp :
         {"", "Nov 21 10:02:0x", "Nov 41 10:02:05", "Nuv 21 10:02:05", "Nov 21 25:02:05",
          "Nov 21 10:02:99", "2026-13-21T10:02:05Z", "2026-02-30T10:02:05Z", "2026-11-21T10:02:05",
          "2026-11-21T10:02:05+1:00", "2026-11-21T10:02:05.5", "20x6-11-21T10:02:05Z"}) {
        EXPECT_EQ(LogTimes(kNow).read(stamp), std::nullopt) << stamp;
    }
}

}  // namespace
}  // namespace mail_relay
