#include "agent_plugin/queue_pace.h"

#include <gtest/gtest.h>

#include <vector>

namespace mail_relay {
namespace {

TEST(QueuePace, WithTimeEverythingIsOnSchedule) {
    QueuePace pace(std::chrono::hours(1), 1000);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(pace.on_schedule(10));
    }
}

TEST(QueuePace, WithoutTimeNothingIs) {
    QueuePace pace(std::chrono::nanoseconds(0), 1000);
    EXPECT_FALSE(pace.on_schedule(1000));
    QueuePace late(std::chrono::seconds(-1), 0);
    EXPECT_FALSE(late.on_schedule(1));
}

TEST(QueuePace, MoreMessagesThanExpectedAreOnScheduleToTheEnd) {
    QueuePace pace(std::chrono::hours(1), 10);
    EXPECT_TRUE(pace.on_schedule(1000000));
}

TEST(EvenShare, LetsEverythingThroughWithinTheLimit) {
    EvenShare share(10, 10);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(share.take());
    }
    EXPECT_FALSE(share.take()) << "never more than the limit";
}

TEST(EvenShare, SpreadsTheLimit) {
    EvenShare share(10, 100);
    std::vector<int> taken;
    for (int i = 0; i < 100; ++i) {
        if (share.take()) {
            taken.push_back(i);
        }
    }
    ASSERT_EQ(taken.size(), 10U);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        EXPECT_EQ(taken[i] / 10, static_cast<int>(i));
    }
}

TEST(EvenShare, NoneExpectedIsNoDivision) {
    EvenShare share(5, 0);
    EXPECT_TRUE(share.take());
    EvenShare nothing(0, 100);
    EXPECT_FALSE(nothing.take());
}

}  // namespace
}  // namespace mail_relay
