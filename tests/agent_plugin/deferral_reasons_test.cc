#include "agent_plugin/deferral_reasons.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

DeferralReasons make() {
    return DeferralReasons(QueueHash(1));
}

TEST(DeferralReasons, TheSameFailureOfOtherHostsIsOneGroup) {
    auto reasons = make();
    const auto one = reasons.learn("connect to a.test[192.0.2.1]:25: Connection refused", "4.4.1");
    const auto other =
        reasons.learn("connect to b.test[192.0.2.2]:25: Connection refused", "4.4.1");
    EXPECT_EQ(one, other);
    reasons.count(one, 2000);
    reasons.count(other, 1000);
    const auto counted = reasons.counted();
    ASSERT_EQ(counted.size(), 1U);
    EXPECT_EQ(counted[0].failure, FailureClass::kRefused);
    EXPECT_EQ(counted[0].messages, 2U);
    EXPECT_EQ(counted[0].oldest_arrival, 1000);
    EXPECT_EQ(counted[0].sample, "connect to a.test[192.0.2.1]:25: Connection refused");
}

TEST(DeferralReasons, OtherFailuresAreOtherGroupsTheLargestFirst) {
    auto reasons = make();
    reasons.count(reasons.learn("Connection refused", ""), 0);
    const auto timeout = reasons.learn("connect to h[192.0.2.1]:25: Connection timed out", "");
    reasons.count(timeout, 0);
    reasons.count(timeout, 0);
    const auto counted = reasons.counted();
    ASSERT_EQ(counted.size(), 2U);
    EXPECT_EQ(counted[0].failure, FailureClass::kTimeout);
    EXPECT_EQ(counted[0].oldest_arrival, std::nullopt);
}

TEST(DeferralReasons, NoReasonIsOneToo) {
    auto reasons = make();
    reasons.count(reasons.learn("", ""), 0);
    EXPECT_EQ(reasons.counted().at(0).text, "(no reason given)");
}

TEST(DeferralReasons, FurtherOnesShareAGroup) {
    auto reasons = make();
    std::uint64_t messages = 0;
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) {
            for (char c = 'a'; c <= 'e'; ++c) {
                reasons.count(reasons.learn(fmt::format("odd {}{}{} thing", a, b, c), ""), 0);
            }
        }
    }
    const auto counted = reasons.counted();
    EXPECT_LE(counted.size(), DeferralReasons::kMostReasons + kFailureClassCount);
    for (const auto &reason : counted) {
        messages += reason.messages;
    }
    EXPECT_EQ(messages, 26U * 26U * 5U);
    EXPECT_EQ(counted[0].text, "(further reasons)");
}

TEST(DeferralReasons, WhatWasRestoredCountsOnceItIsSeen) {
    auto reasons = make();
    reasons.restore(7, {FailureClass::kQuota, 0, std::nullopt, "4.3.0", "text", "sample"});
    EXPECT_TRUE(reasons.knows(7));
    EXPECT_FALSE(reasons.knows(8));
    EXPECT_TRUE(reasons.counted().empty());
    auto worker = make();
    worker.count(7, 1000);
    EXPECT_FALSE(worker.knows(7));
    reasons.merge(worker);
    EXPECT_EQ(reasons.counted().at(0).sample, "sample");
    EXPECT_EQ(reasons.counted().at(0).messages, 1U);
}

TEST(DeferralReasons, AHugeReasonIsCutOff) {
    auto reasons = make();
    reasons.count(reasons.learn(std::string(1000000, 'x'), std::string(1000, '4')), 0);
    EXPECT_LE(reasons.counted().at(0).sample.size(), DeferralReasons::kLongestSample);
    EXPECT_LE(reasons.counted().at(0).dsn_status.size(), 9U);
}

}  // namespace
}  // namespace mail_relay
