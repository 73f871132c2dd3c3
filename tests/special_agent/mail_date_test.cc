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

}  // namespace
}  // namespace mail_relay::roundtrip
