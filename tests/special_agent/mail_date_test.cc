#include "special_agent/mail_date.h"

#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

TEST(MailDate, ReadsZonesAndComments) {
    EXPECT_EQ(parse_mail_date("Sat, 21 Nov 2026 09:02:05 +0000"), 1795251725);
    EXPECT_EQ(parse_mail_date(" \r\n\tSat, 21 Nov 2026 01:02:05 -0800 (PST)"), 1795251725);
    EXPECT_EQ(parse_mail_date("21 Nov 2026 10:02:05 +0100"), 1795251725);
    EXPECT_EQ(parse_mail_date("Sat, 21 Nov 2026 09:02:05 GMT"), 1795251725);
}

TEST(MailDate, ReadsThoseOfImap) {
    EXPECT_EQ(parse_mail_date("17-Jul-1996 02:44:25 -0700"), 837596665);
    EXPECT_EQ(parse_mail_date(" 7-Feb-2026 09:00:00 +0100"), 1770451200);
    EXPECT_EQ(parse_mail_date("21-Nov-2026 09:02:05 -1200"), 1795251725 + 12 * 3600);
}

TEST(MailDate, WhatIsNoDateIsEmpty) {
    for (const std::string &text :
         {std::string(), std::string("   "), std::string("(comment)"), std::string("yesterday"),
          std::string("Sat, 99 Nov 2026 09:02:05 +0000"), std::string(5000, '1')}) {
        EXPECT_FALSE(parse_mail_date(text)) << text;
    }
}

TEST(MailDate, WritesWhatItReads) {
    EXPECT_EQ(format_mail_date(1795251725), "Sat, 21 Nov 2026 09:02:05 +0000");
    EXPECT_EQ(parse_mail_date(format_mail_date(1795251725)), 1795251725);
}

TEST(MailDate, WritesTheDayForASearch) {
    EXPECT_EQ(format_search_day(1795251725), "21-Nov-2026");
    EXPECT_EQ(format_search_day(1793491200), "1-Nov-2026");
}

}  // namespace
}  // namespace mail_relay::roundtrip
