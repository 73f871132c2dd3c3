#include "common/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

struct Case {
    std::string name;
    std::string text;
    std::optional<char32_t> character;
    std::size_t taken;
};

class Utf8Test : public testing::TestWithParam<Case> {};

TEST_P(Utf8Test, TakesTheFirstCharacter) {
    std::string_view text = GetParam().text;
    EXPECT_EQ(take_character(text), GetParam().character);
    EXPECT_EQ(GetParam().text.size() - text.size(), GetParam().taken);
}

INSTANTIATE_TEST_SUITE_P(WellFormed, Utf8Test,
                         testing::Values(Case{"Letter", "ab", U'a', 1},
                                         Case{"Nul", std::string(1, '\0'), U'\0', 1},
                                         Case{"Umlaut", "\xC3\xBC!", U'\u00FC', 2},
                                         Case{"Euro", "\xE2\x82\xAC", U'\u20AC', 3},
                                         Case{"Emoji", "\xF0\x9F\x93\xA7", U'\U0001F4E7', 4},
                                         Case{"Last", "\xF4\x8F\xBF\xBF", U'\U0010FFFF', 4}),
                         [](const auto &row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(Malformed, Utf8Test,
                         testing::Values(Case{"Latin1", "\xFC!", std::nullopt, 1},
                                         Case{"ContinuationFirst", "\x80", std::nullopt, 1},
                                         Case{"CutShort", "\xE2\x82", std::nullopt, 1},
                                         Case{"BrokenOff", "\xC3z", std::nullopt, 1},
                                         Case{"LongerThanNeeded", "\xC0\x80", std::nullopt, 1},
                                         Case{"LongerThanNeededInThree", "\xE0\x80\x80",
                                              std::nullopt, 1},
                                         Case{"Surrogate", "\xED\xA0\x80", std::nullopt, 1},
                                         Case{"BeyondUnicode", "\xF4\x90\x80\x80", std::nullopt, 1},
                                         Case{"NeverALead", "\xFF\xBF\xBF\xBF", std::nullopt, 1}),
                         [](const auto &row) { return row.param.name; });

}  // namespace
}  // namespace mail_relay
