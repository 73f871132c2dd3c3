#include "agent_plugin/file_owner.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "::7::\n"
    "postfix:x:109:117::/var/spool/postfix:/usr/sbin/nologin";

TEST(FileOwner, FindsTheNameOfAUser) {
    EXPECT_EQ(find_user_name(kPasswd, 0), "root");
    EXPECT_EQ(find_user_name(kPasswd, 109), "postfix");
}

TEST(FileOwner, AnUnknownUserStaysANumber) {
    EXPECT_EQ(find_user_name(kPasswd, 10), "10");
    EXPECT_EQ(find_user_name(kPasswd, 7), "7");
    EXPECT_EQ(find_user_name("", 4294967294U), "4294967294");
}

TEST(FileOwner, AMissingPasswdFileLeavesNumbers) {
    EXPECT_EQ(read_user_name(FileTree("/nonexistent"), 1), "1");
    EXPECT_EQ(read_user_name(FileTree("/nonexistent"), 0), "root");
}

}  // namespace
}  // namespace mail_relay
