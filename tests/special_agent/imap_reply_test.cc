#include "special_agent/imap_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

TEST(ImapReply, OfWhatIsNoAnswerIsAnError) {
    EXPECT_FALSE(parse_imap_reply(""));
    EXPECT_FALSE(parse_imap_reply("r1"));
    EXPECT_FALSE(parse_imap_reply("r1 FETCH (UID 1)"));
    EXPECT_TRUE(parse_imap_reply("*")->values.empty());
}

TEST(ImapReply, WithFreeTextHasNoLiteral) {
    EXPECT_TRUE(has_free_text("* OK {5}"));
    EXPECT_TRUE(has_free_text("+ {5}"));
    EXPECT_TRUE(has_free_text("r1 no"));
    EXPECT_FALSE(has_free_text("* LIST () NIL {5}"));
    EXPECT_FALSE(has_free_text(""));
}

TEST(QuoteImapString, CannotBecomeACommand) {
    EXPECT_EQ(*quote_imap_string("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
    EXPECT_FALSE(quote_imap_string("a\r\nA1 DELETE x"));
    EXPECT_FALSE(quote_imap_string(std::string_view("\0", 1)));
    EXPECT_FALSE(quote_imap_string("\xc3\xbc"));
}

}  // namespace
}  // namespace mail_relay::roundtrip
