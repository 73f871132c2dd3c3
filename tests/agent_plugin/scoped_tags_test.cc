#include "agent_plugin/scoped_tags.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

LogScope scope() {
    LogScope scope;
    scope.syslog_names = {"postfix", "outgoing"};
    scope.shared_names = {"postfix/relay"};
    return scope;
}

TEST(ScopedTags, TellTheProgramAndWhoseItIs) {
    const LogScope known = scope();
    ScopedTags tags(known);
    const ScopedTags::Tag server = tags.look_up("postfix/smtpd");
    EXPECT_TRUE(server.is_ours);
    EXPECT_TRUE(server.is_bystander);
    EXPECT_EQ(server.program, "smtpd");
    const ScopedTags::Tag shared = tags.look_up("postfix/relay/smtp");
    EXPECT_TRUE(shared.is_ours);
    EXPECT_TRUE(shared.is_shared);
    EXPECT_FALSE(shared.is_bystander);
    EXPECT_EQ(shared.program, "smtp");
    EXPECT_FALSE(tags.look_up("postfix-out/smtp").is_ours);
    EXPECT_FALSE(tags.look_up("").is_ours);
}

TEST(ScopedTags, TellTheSameAtTheSecondLook) {
    const LogScope known = scope();
    ScopedTags tags(known);
    tags.look_up("outgoing/smtp");
    const std::string text = "outgoing/smtp";
    const ScopedTags::Tag again = tags.look_up(text);
    EXPECT_TRUE(again.is_ours);
    EXPECT_EQ(again.program, "smtp");
    EXPECT_EQ(again.program.data() + again.program.size(), text.data() + text.size());
}

TEST(ScopedTags, AreNotMixedUpWhenThereAreMoreThanCanBeKnown) {
    const LogScope known = scope();
    ScopedTags tags(known);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 500; ++i) {
            const std::string ours = fmt::format("postfix/service{}/smtp", i);
            const std::string foreign = fmt::format("cron{}", i);
            EXPECT_EQ(tags.look_up(ours).program, "smtp");
            EXPECT_TRUE(tags.look_up(ours).is_ours);
            EXPECT_FALSE(tags.look_up(foreign).is_ours);
        }
    }
}

}  // namespace
}  // namespace mail_relay
