#include "special_agent/probe_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace mail_relay::roundtrip {
namespace {

using testing::HasSubstr;
using testing::Not;

ProbeMail example() {
    return {"monitoring@example.org",
            "sentinel@example.org",
            "Checkmk mail roundtrip",
            "external",
            "mrp1-17-1-abc",
            17,
            1795251725};
}

TEST(ProbeMail, SaysWhatItIsToMachinesAndToPeople) {
    const std::string mail = compose_probe_mail(example());
    EXPECT_THAT(mail, HasSubstr("Subject: Checkmk mail roundtrip external #17\r\n"));
    EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
    EXPECT_THAT(mail, HasSubstr("Message-ID: <mrp1-17-1-abc@example.org>\r\n"));
    EXPECT_THAT(mail, HasSubstr("X-Mail-Relay-Probe: mrp1-17-1-abc\r\n"));
    EXPECT_THAT(mail, HasSubstr("\r\n\r\nThis mail was sent by Checkmk"));
    EXPECT_THAT(mail, HasSubstr("Probe: mrp1-17-1-abc\r\n"));
    EXPECT_LT(mail.size(), 1200U);
}

TEST(ProbeMail, ALineBreakInARuleAddsNoHeader) {
    ProbeMail hostile = example();
    hostile.subject = "x\r\nBcc: all@example.org";
    hostile.to = "a@example.org>\r\nBcc: <all@example.org";
    EXPECT_THAT(compose_probe_mail(hostile), Not(HasSubstr("\nBcc:")));
}

TEST(ProbeMail, EveryLineEndsWithCrLfAndIsShortAndAscii) {
    ProbeMail foreign = example();
    foreign.subject = "Überwachung der Mailstrecke zwischen Köln und Düsseldorf über Öl";
    const std::string mail = compose_probe_mail(foreign);
    std::istringstream lines(mail);
    for (std::string line; std::getline(lines, line);) {
        ASSERT_TRUE(line.ends_with('\r')) << line;
        EXPECT_LE(line.size(), 82U) << line;
        EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c > 0; })) << line;
    }
    EXPECT_THAT(mail, HasSubstr("Subject: =?UTF-8?B?w5xiZXJ3YWNodW5n"));
}

}  // namespace
}  // namespace mail_relay::roundtrip
