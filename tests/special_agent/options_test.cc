#include "special_agent/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Options, ReadsWhatCheckmkCallsItWith) {
    const auto options =
        parse_options({"--host", "mail", "--secret", "1.mailbox", "uuid1:/store", "--secret",
                       "1.submission", "uuid2:/store", "--loop", "{}", "--loop", "{ }"});
    ASSERT_TRUE(options) << options.error().message();
    EXPECT_EQ(options->host, "mail");
    EXPECT_THAT(options->loops, ElementsAre("{}", "{ }"));
    EXPECT_EQ(options->secrets.at("1.submission").reference, "uuid2:/store");
    EXPECT_FALSE(options->secrets.at("1.submission").is_plain_file);
    EXPECT_FALSE(options->explain);
}

TEST(Options, ReadsWhatAPersonTypes) {
    const auto options = parse_options({"--explain", "--secret-file", "1.mailbox", "/tmp/p",
                                        "--state=/tmp/state", "--dns-server", "[::1]:53"});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->explain);
    EXPECT_TRUE(options->secrets.at("1.mailbox").is_plain_file);
    EXPECT_EQ(options->state_directory, "/tmp/state");
    EXPECT_EQ(options->dns_server, "[::1]:53");
    EXPECT_THAT(help_text(), HasSubstr("--explain"));
}

TEST(Options, RefusesWhatItDoesNotKnow) {
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"--colour"},
                                                      {"--hos", "x"},
                                                      {"--host"},
                                                      {"stray"},
                                                      {"--secret", "1.mailbox"},
                                                      {"--loop-file", "/nonexistent"}}) {
        const auto options = parse_options(arguments);
        EXPECT_FALSE(options) << arguments.front();
    }
}

}  // namespace
}  // namespace mail_relay::roundtrip
