#include "agent_plugin/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Options, WithoutArgumentsThisHostIsLookedAt) {
    const auto options = parse_options({});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->root, "/");
    EXPECT_THAT(options->instances, IsEmpty());
    EXPECT_EQ(options->section, "");
}

TEST(Options, ReadsWhatAPersonTypes) {
    const auto options =
        parse_options({"--instance", "/etc/postfix/", "--instance=/etc/postfix-out", "--root",
                       "/mnt/", "--section", "mail_relay_queue", "--config", "/tmp/cfg"});
    ASSERT_TRUE(options) << options.error().message();
    EXPECT_THAT(options->instances, ElementsAre("/etc/postfix", "/etc/postfix-out"));
    EXPECT_EQ(options->root, "/mnt");
    EXPECT_EQ(options->section, "mail_relay_queue");
    EXPECT_EQ(options->config_file, "/tmp/cfg");
}

TEST(Options, RefusesWhatItDoesNotKnow) {
    for (const std::vector<std::string> &arguments : {std::vector<std::string>{"--colour"},
                                                      {"--instanc", "/x"},
                                                      {"--instance"},
                                                      {"--instance", "etc/postfix"},
                                                      {"--root", "mnt"},
                                                      {"stray"}}) {
        EXPECT_FALSE(parse_options(arguments)) << arguments.front();
    }
    EXPECT_THAT(parse_options({"--root", "mnt"}).error().message(),
                HasSubstr("--root takes an absolute path, not \"mnt\""));
}

TEST(Options, HelpNamesEverySetting) {
    for (const char *word :
         {"--instance", "--root", "deadline", "queue_details", "queue_threads"}) {
        EXPECT_THAT(help_text(), HasSubstr(word));
    }
}

}  // namespace
}  // namespace mail_relay
