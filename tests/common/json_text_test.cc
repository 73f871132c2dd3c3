#include "common/json_text.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <string>

namespace mail_relay {
namespace {

struct Case {
    std::string name;
    std::string text;
    std::string rendered;
};

class JsonTextTest : public testing::TestWithParam<Case> {};

TEST_P(JsonTextTest, IsOneLineOfAscii) {
    EXPECT_EQ(json_line({{"text", GetParam().text}}), GetParam().rendered);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JsonTextTest,
    testing::Values(Case{"Plain", "a \"b\" \\", R"({"text":"a \"b\" \\"})"},
                    Case{"LineBreaks", "a\r\nb", R"({"text":"a\r\nb"})"},
                    Case{"ControlCharacters", std::string("\0\x1b\x7f", 3),
                         R"({"text":"\u0000\u001b\u007f"})"},
                    Case{"Umlaut", "\xC3\xBC", R"({"text":"\u00fc"})"},
                    Case{"LineSeparator", "\xE2\x80\xA8", R"({"text":"\u2028"})"},
                    Case{"Emoji", "\xF0\x9F\x93\xA7", R"({"text":"\ud83d\udce7"})"},
                    Case{"Latin1", "M\xFCnchen", R"({"text":"M\ufffdnchen"})"},
                    Case{"CutShort", "\xE2\x82", R"({"text":"\ufffd\ufffd"})"}),
    [](const auto &row) { return row.param.name; });

TEST(JsonText, AHostileKeyIsEscapedToo) {
    EXPECT_EQ(json_line({{"\xFF\n", nullptr}}), R"({"\ufffd\n":null})");
}

}  // namespace
}  // namespace mail_relay
