#include "agent_plugin/queue_text_counts.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

TEST(TextCounts, TellsTheMostFrequentFirst) {
    TextCounts counts;
    counts.learn(1, "rare");
    counts.learn(2, "frequent");
    counts.learn(3, "also rare");
    counts.learn(4, "never");
    counts.count(1);
    counts.count(2, 5);
    counts.count(3);
    const auto top = counts.top(10);
    ASSERT_EQ(top.size(), 3U);
    EXPECT_EQ(top[0].name, "frequent");
    EXPECT_EQ(top[0].messages, 5U);
    EXPECT_EQ(top[1].name, "also rare");
    EXPECT_EQ(counts.top(1).size(), 1U);
}

TEST(TextCounts, WhatHasNoTextIsCountedAndNotShown) {
    TextCounts counts;
    counts.count(7, 3);
    EXPECT_TRUE(counts.top(10).empty());
    EXPECT_EQ(counts.count_of(7), 3U);
    counts.learn(7, "now known");
    EXPECT_EQ(counts.top(10).at(0).messages, 3U);
}

TEST(TextCounts, MergedCountsAddUp) {
    TextCounts one;
    one.count(1, 2);
    TextCounts other;
    other.learn(1, "text");
    other.count(1, 3);
    other.count(2, 1);
    one.merge(other);
    EXPECT_EQ(one.count_of(1), 5U);
    EXPECT_EQ(one.count_of(2), 1U);
    EXPECT_EQ(one.top(10).at(0).name, "text");
}

TEST(TextCounts, AFloodOfSingularTextsDoesNotHideTheFrequentOne) {
    TextCounts counts;
    for (std::uint32_t i = 1; i < 200000; ++i) {
        counts.learn(i * 2, "singular" + std::to_string(i));
        counts.count(i * 2);
        if (i > 100000 && i % 10 == 0) {  // begins late, when the table is full
            counts.learn(1, "frequent");
            counts.count(1);
        }
    }
    const auto top = counts.top(3);
    ASSERT_FALSE(top.empty());
    EXPECT_EQ(top[0].name, "frequent");
    EXPECT_LE(top[0].messages, 10000U);
    EXPECT_GT(top[0].messages, 9000U);
}

TEST(TextCounts, ALongTextIsCutOff) {
    TextCounts counts;
    counts.learn(1, std::string(5000, 'x'));
    counts.count(1);
    EXPECT_EQ(counts.top(1).at(0).name.size(), TextCounts::kLongestText);
}

}  // namespace
}  // namespace mail_relay
