#include "agent_plugin/shell_quote.h"

#include <gtest/gtest.h>

#include <string>

#include "common/child_process.h"

namespace mail_relay {
namespace {

struct Case {
    std::string name;
    std::string word;
    std::string quoted;
};

class ShellQuoteTest : public testing::TestWithParam<Case> {};

TEST_P(ShellQuoteTest, Quotes) {
    EXPECT_EQ(shell_quote(GetParam().word), GetParam().quoted);
}

INSTANTIATE_TEST_SUITE_P(
    Words, ShellQuoteTest,
    testing::Values(
        Case{"Path", "/etc/postfix/sasl_passwd", "/etc/postfix/sasl_passwd"},
        Case{"Assignment", "smtp_use_tls=no", "smtp_use_tls=no"}, Case{"Empty", "", "''"},
        Case{"Brackets", "relayhost=[h]:587", "'relayhost=[h]:587'"}, Case{"Blank", "a b", "'a b'"},
        Case{"Home", "~root", "'~root'"}, Case{"Command", "$(reboot);`x`", "'$(reboot);`x`'"},
        Case{"SingleQuote", "a'b", R"('a'\''b')"}, Case{"Umlaut", "b\xC3\xBCro", "'b\xC3\xBCro'"}),
    [](const auto &row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    WhatCouldHide, ShellQuoteTest,
    testing::Values(Case{"Newline", "a\nreboot", "'a?reboot'"},
                    Case{"Escape", "a\x1b[2K", "'a?[2K'"}, Case{"Delete", "a\x7f", "'a?'"},
                    Case{"Nul", std::string("a\0b", 3), "'a?b'"}, Case{"C1", "a\xC2\x9B", "'a?'"},
                    // NOLINTNEXTLINE(misc-misleading-bidirectional): it is what is tried here.
                    Case{"RightToLeft", "a\xE2\x80\xAE", "'a?'"},
                    Case{"ZeroWidth", "a\xE2\x80\x8B", "'a?'"}, Case{"NoUtf8", "a\xFF", "'a?'"}),
    [](const auto &row) { return row.param.name; });

TEST(ShellQuote, AShellReadsBackTheWord) {
    const std::string word = R"([it's] $HOME "`id`" \ * ; & ~)";
    const auto output = run_child({"/bin/sh", "-c", "printf %s " + shell_quote(word)},
                                  Deadline::in(std::chrono::seconds(20)), 1000);
    ASSERT_TRUE(output);
    EXPECT_EQ(output->out, word);
}

}  // namespace
}  // namespace mail_relay
