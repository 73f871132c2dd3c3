#include "agent_plugin/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::IsEmpty;

TEST(Settings, AnEmptyFileLeavesTheDefaults) {
    Problems problems;
    const Settings settings = parse_settings("\n# comment\n   \n", problems);
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(settings.deadline, std::chrono::seconds(10));
    EXPECT_EQ(settings.queue_details, std::chrono::seconds(2));
    EXPECT_EQ(settings.queue_threads, 2U);
}

TEST(Settings, ReadsValues) {
    Problems problems;
    const Settings settings =
        parse_settings("deadline=5\r\n queue_details = 0.5 \nqueue_threads = 1", problems);
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(settings.deadline, std::chrono::seconds(5));
    EXPECT_EQ(settings.queue_details, std::chrono::milliseconds(500));
    EXPECT_EQ(settings.queue_threads, 1U);
}

TEST(Settings, ABadLineIsReportedAndIgnored) {
    struct Case {
        const char *line;
        const char *error;
    };
    for (const Case &bad :
         {Case{"deadline", "it is not \"name = value\""},
          Case{"deadline = 11", "\"11\" is not a number of seconds from 1 to 10"},
          Case{"deadline = soon", "\"soon\" is not a number of seconds from 1 to 10"},
          Case{"queue_details = 1s", "\"1s\" is not a number of seconds from 0.1 to 8"},
          Case{"queue_threads = 1.5", "\"1.5\" is not a whole number from 1 to 8"},
          Case{"queue_threads = -1", "\"-1\" is not a whole number from 1 to 8"},
          Case{"colour = blue", "\"colour\" is not a setting"},
          Case{"= 1", "\"\" is not a setting"}}) {
        Problems problems;
        const Settings settings = parse_settings(std::string("\n") + bad.line, problems);
        ASSERT_EQ(problems.size(), 1U) << bad.line;
        EXPECT_EQ(problems[0].error, std::string("mail_relay.cfg line 2: ") + bad.error);
        EXPECT_EQ(settings.deadline, std::chrono::seconds(10));
    }
}

TEST(Settings, ManyBadLinesDoNotFloodTheSection) {
    std::string content;
    for (int i = 0; i < 1000; ++i) {
        content += "nonsense\n";
    }
    Problems problems;
    parse_settings(content, problems);
    EXPECT_EQ(problems.size(), 20U);
}

}  // namespace
}  // namespace mail_relay
