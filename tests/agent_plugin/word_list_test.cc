#include "agent_plugin/word_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WordList, BlanksAndCommasSeparateWords) {
    EXPECT_THAT(split_list(" plain, login\t,!gssapi\n"), ElementsAre("plain", "login", "!gssapi"));
    EXPECT_THAT(split_list(" ,\t"), IsEmpty());
    EXPECT_THAT(split_list(""), IsEmpty());
}

TEST(WordList, BracesProtectSeparators) {
    EXPECT_THAT(*split_braced_list("TZ {A = b, {c}} x:{d e}f"),
                ElementsAre("TZ", "{A = b, {c}}", "x:{d e}f"));
    EXPECT_THAT(*split_braced_list(""), IsEmpty());
}

TEST(WordList, BracesThatDoNotMatchAreAnError) {
    for (const auto *value : {"{a", "a}", "}{", "{{a}"}) {
        EXPECT_FALSE(split_braced_list(value)) << value;
    }
    std::string many;
    for (int i = 0; i < 300; ++i) {
        many += "a ";
    }
    EXPECT_FALSE(split_braced_list(many));
}

TEST(WordList, TheInsideOfBracesIsTrimmed) {
    EXPECT_TRUE(in_braces("{ a b }"));
    EXPECT_EQ(without_braces("{ a b }"), "a b");
    EXPECT_EQ(without_braces("{}"), "");
    EXPECT_FALSE(in_braces("{"));
    EXPECT_FALSE(in_braces("a}"));
    EXPECT_EQ(trim_blanks(" \t"), "");
}

}  // namespace
}  // namespace mail_relay
