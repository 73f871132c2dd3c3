#include "common/secret.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

namespace mail_relay {
namespace {

TEST(Secret, TakingItOverwritesTheTextItCameFrom) {
    std::string text = "correct horse battery staple";
    const char *where = text.data();
    const auto length = text.size();
    const auto secret = Secret::take(text);
    EXPECT_EQ(secret.view(), "correct horse battery staple");
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(std::string(where, length), std::string(length, '\0'));
}

TEST(Secret, MovingLeavesNothingBehind) {
    Secret first("p4ss");
    const Secret second = std::move(first);
    EXPECT_EQ(second.view(), "p4ss");
    // NOLINTBEGIN(bugprone-use-after-move, clang-analyzer-cplusplus.Move)
    EXPECT_TRUE(first.empty());
    EXPECT_STREQ(first.c_str(), "");
    // NOLINTEND(bugprone-use-after-move, clang-analyzer-cplusplus.Move)
}

TEST(Secret, ACopyIsItsOwn) {
    Secret copy;
    {
        const Secret original("p4ss:w0rd");
        copy = original;
    }
    EXPECT_STREQ(copy.c_str(), "p4ss:w0rd");
}

TEST(Secret, CannotBecomeTextByAccident) {
    EXPECT_FALSE((std::is_convertible_v<Secret, std::string>));
    EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
    EXPECT_FALSE((std::is_convertible_v<std::string, Secret>));
}

struct HideCase {
    const char *name;
    const char *text;
    const char *secret;
    const char *expected;
};

class HideSecret : public testing::TestWithParam<HideCase> {};

TEST_P(HideSecret, Hides) {
    EXPECT_EQ(hide_secret(GetParam().text, GetParam().secret), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, HideSecret,
    testing::Values(HideCase{"as_it_is", "535 hunter22 is wrong", "hunter22", "535 *** is wrong"},
                    HideCase{"twice", "hunter22hunter22", "hunter22", "******"},
                    HideCase{"base64_alone", "535 aHVudGVyMjI= no", "hunter22", "535 ***I= no"},
                    // AUTH PLAIN "\0bob\0hunter22": five bytes before the secret
                    HideCase{"base64_of_auth_plain", "got AGJvYgBodW50ZXIyMg==", "hunter22",
                             "got AGJvYgB***g=="},
                    HideCase{"another_text", "535 5.7.8 authentication failed", "hunter22",
                             "535 5.7.8 authentication failed"},
                    HideCase{"too_short_to_look_for", "250 ok", "k", "250 ok"},
                    HideCase{"no_secret", "250 ok", "", "250 ok"}),
    [](const auto &case_) { return case_.param.name; });

}  // namespace
}  // namespace mail_relay
