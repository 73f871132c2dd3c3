#include "agent_plugin/log_line.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

struct Accepted {
    const char *name;
    const char *line;
    const char *tag;
    const char *text;
};

class LogLineAccepted : public testing::TestWithParam<Accepted> {};

TEST_P(LogLineAccepted, IsTakenApart) {
    const auto parsed = parse_log_line(GetParam().line);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->tag, GetParam().tag);
    EXPECT_EQ(parsed->text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LogLineAccepted,
    testing::Values(
        Accepted{"classic", "Nov 21 09:02:05 host postfix/smtp[123]: connect to x", "postfix/smtp",
                 "connect to x"},
        Accepted{"classic_day_below_ten", "Nov  1 09:02:05 host postfix/qmgr[1]: 1ABCDEF: removed",
                 "postfix/qmgr", "1ABCDEF: removed"},
        Accepted{"rfc3339", "2026-11-21T09:02:05.123456+01:00 host postfix-out/smtp[1]: x",
                 "postfix-out/smtp", "x"},
        Accepted{"rfc3339_utc", "2026-11-21T09:02:05Z host postfix/submission/smtpd[1]: x",
                 "postfix/submission/smtpd", "x"},
        Accepted{"without_pid", "Nov 21 09:02:05 host postfix/smtp: x", "postfix/smtp", "x"},
        Accepted{"empty_text", "Nov 21 09:02:05 host postfix/smtp[1]: ", "postfix/smtp", ""},
        Accepted{"looks_like_two_lines",
                 "Nov 21 09:02:05 host sshd[1]: Nov 21 09:02:05 host postfix/smtp[2]: x", "sshd",
                 "Nov 21 09:02:05 host postfix/smtp[2]: x"}),
    [](const auto &test) { return std::string(test.param.name); });

TEST(LogLine, OfAnyOtherFormIsNone) {
    for (const std::string line : {
             "",
             "\n",
             "Nov 21 09:02:05",
             "Nov 21 09:02:05 host",
             "Nov 21 09:02:05  postfix/smtp[1]: no host",
             "Nov 21 09:02:05 host postfix/smtp[1] no colon",
             "Nov 21 09:02:05 host postfix/smtp[12x]: no pid",
             "Nov 21 09:02:05 host postfix/smtp[1",
             "Nov 21 09:02:05 host : no tag",
             "21/11/2026 09:02:05 host postfix/smtp[1]: other stamp",
             "2026-11-21 09:02:05 host postfix/smtp[1]: blank in the stamp",
             "postfix/smtp[1]: no stamp, but long enough for one",
         }) {
        EXPECT_FALSE(parse_log_line(line)) << line;
    }
}

TEST(LogLine, EveryTruncationIsHarmless) {
    const std::string line = "2026-11-21T09:02:05.123456+01:00 host postfix/smtp[123]: x";
    for (std::size_t size = 0; size < line.size() - 1; ++size) {
        EXPECT_FALSE(parse_log_line(line.substr(0, size)) && size < line.size() - 1) << size;
    }
}

TEST(ProgramOfTag, BelongsToTheInstanceThatTheTagBeginsWith) {
    EXPECT_EQ(program_of_tag("postfix/smtp", "postfix"), "smtp");
    EXPECT_EQ(program_of_tag("postfix/relay/smtp", "postfix"), "smtp");
    EXPECT_EQ(program_of_tag("postfix-out/smtp", "postfix"), std::nullopt);
    EXPECT_EQ(program_of_tag("postfix", "postfix"), std::nullopt);
    EXPECT_EQ(program_of_tag("postfix/", "postfix"), std::nullopt);
    EXPECT_EQ(program_of_tag("xpostfix/smtp", "postfix"), std::nullopt);
}

}  // namespace
}  // namespace mail_relay
