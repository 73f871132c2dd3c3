#include "agent_plugin/defer_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace mail_relay {
namespace {

std::string fixture(const std::string &name) {
    std::ifstream file(FIXTURE_DIRECTORY "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DeferLog, TellsWhatPostfixWrote) {
    const std::string log = fixture("defer_log_one_recipient");
    const auto entry = last_defer_log_entry(log);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->recipient, "user@d0000.example.org");
    EXPECT_EQ(entry->dsn_status, "4.4.1");
    EXPECT_EQ(entry->reason,
              "delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:1: Connection "
              "refused");
}

TEST(DeferLog, TheLastRecipientCounts) {
    const std::string log = fixture("defer_log_two_recipients");
    EXPECT_EQ(last_defer_log_entry(log)->recipient, "b@sub.example.org");
}

TEST(DeferLog, AnEntryBeingWrittenIsNotUsed) {
    const std::string log = fixture("defer_log_two_recipients");
    const auto second = log.find("<b@");
    EXPECT_EQ(last_defer_log_entry(log.substr(0, second + 20))->recipient, "a@example.org");
}

TEST(DeferLog, APartOfAnEntryStillTellsItsReason) {
    const std::string log = fixture("defer_log_one_recipient");
    const auto entry = last_defer_log_entry(std::string_view(log).substr(log.find("orig_rcpt")));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->dsn_status, "4.4.1");
    EXPECT_EQ(entry->recipient, "");
}

TEST(DeferLog, OldPostfixWroteOneLine) {
    const auto entry = last_defer_log_entry("<a@example.org>: mail for x loops back to myself\n");
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->recipient, "a@example.org");
    EXPECT_EQ(entry->reason, "mail for x loops back to myself");
    EXPECT_EQ(entry->dsn_status, "");
}

TEST(DeferLog, AReasonMayHoldAnything) {
    const auto entry =
        last_defer_log_entry("recipient=a=b@x.test\nstatus=4.0.0\nreason=said: 450 <a>: x=y\n");
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->recipient, "a=b@x.test");
    EXPECT_EQ(entry->reason, "said: 450 <a>: x=y");
}

class UnusableDeferLog : public testing::TestWithParam<std::string> {};

TEST_P(UnusableDeferLog, SaysNothing) {
    EXPECT_FALSE(last_defer_log_entry(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(DeferLog, UnusableDeferLog,
                         testing::Values("", "\n\n\n", "reason=cut off", "reason=\n",
                                         "recipient=a@b.test\nstatus=4.0.0\n", "<a@b.test> no\n",
                                         std::string(5000, 'x'), std::string(5000, '\0'),
                                         std::string("\0\n\0\n", 4)));

}  // namespace
}  // namespace mail_relay
