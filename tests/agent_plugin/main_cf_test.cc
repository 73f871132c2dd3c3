#include "agent_plugin/main_cf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(MainCf, HoldsNamesAndValuesAsWritten) {
    EXPECT_THAT(parse_main_cf("# comment\n"
                              "relayhost = [smtp.example.org]:587\n"
                              "queue_directory=/var/spool/out\n"
                              "myorigin =\n"
                              "daemon_directory = $command_directory/x = y\r\n"),
                ElementsAre(Pair("daemon_directory", "$command_directory/x = y"),
                            Pair("myorigin", ""), Pair("queue_directory", "/var/spool/out"),
                            Pair("relayhost", "[smtp.example.org]:587")));
}

TEST(MainCf, AnIndentedLineContinues) {
    EXPECT_THAT(
        parse_main_cf("mydestination =\n"
                      "   a.example.org,\n"
                      "# comment in between\n"
                      "\n"
                      "\tb.example.org\n"
                      "relayhost = x\n"),
        ElementsAre(Pair("mydestination", "a.example.org, b.example.org"), Pair("relayhost", "x")));
}

TEST(MainCf, TheLastOfTwoWins) {
    EXPECT_THAT(parse_main_cf("a = 1\na = 2\n"), ElementsAre(Pair("a", "2")));
}

TEST(MainCf, WhatIsNoSettingIsLeftOut) {
    EXPECT_THAT(parse_main_cf(""), IsEmpty());
    EXPECT_THAT(parse_main_cf("  continues nothing\nno setting\n  nor this\n= x\n"), IsEmpty());
    EXPECT_THAT(parse_main_cf("a = 1\nno setting\n  nor this\nb = 2"),
                ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

}  // namespace
}  // namespace mail_relay
