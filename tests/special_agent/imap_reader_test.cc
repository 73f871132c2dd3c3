#include "special_agent/imap_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// The first answer in `bytes`, fed one byte at a time.
Result<std::optional<ImapReply>> read(std::string_view bytes) {
    ImapReader reader;
    for (const char byte : bytes) {
        auto reply = reader.next();
        if (!reply || *reply) {
            return reply;
        }
        reader.feed({&byte, 1});
    }
    return reader.next();
}

TEST(ImapReader, AFetchWithALiteral) {
    const auto reply = read(
        "* 4 FETCH (UID 9 INTERNALDATE \"17-Jul-2026 02:44:25 +0000\" "
        "BODY[HEADER.FIELDS (X-MAIL-RELAY-PROBE \"A\")]<0> {12}\r\nX-A: b (\r\n\r\n)\r\n");
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->tag, "*");
    EXPECT_EQ((*reply)->values[0].number(), 4U);
    EXPECT_TRUE((*reply)->values[1].is("fetch"));
    const auto &items = (*reply)->values[2].items;
    ASSERT_THAT(items, SizeIs(6));
    EXPECT_EQ(items[1].number(), 9U);
    EXPECT_EQ(items[4].text, "BODY[HEADER.FIELDS (X-MAIL-RELAY-PROBE \"A\")]<0>");
    EXPECT_EQ(items[5].text, "X-A: b (\r\n\r\n");
}

TEST(ImapReader, ALiteralMayLookLikeTheEndOfTheCommand) {
    ImapReader reader;
    reader.feed("* 1 FETCH (UID 1 BODY[TEXT] {10}\r\nr1 OK no\r\n)\r\nr1 OK yes\r\n");
    EXPECT_EQ((*reader.next())->values[2].items[3].text, "r1 OK no\r\n");
    EXPECT_EQ((*reader.next())->text, "yes");
}

TEST(ImapReader, AStatusWithACode) {
    const auto reply = read("r7 NO [LIMIT x] too many {5}\r\n");
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->tag, "r7");
    EXPECT_EQ((*reply)->status, "NO");
    EXPECT_EQ((*reply)->code, "LIMIT x");
    EXPECT_EQ((*reply)->words(), "NO [LIMIT x] too many {5}");
}

TEST(ImapReader, QuotedStringsNilAndEmptyLists) {
    const auto reply = read("* LIST () NIL \"a\\\"b\\\\c\"\r\n");
    ASSERT_TRUE(reply && *reply);
    EXPECT_EQ((*reply)->values[1].kind, ImapValue::Kind::kList);
    EXPECT_EQ((*reply)->values[2].kind, ImapValue::Kind::kNil);
    EXPECT_EQ((*reply)->values[3].text, "a\"b\\c");
}

TEST(ImapReader, AContinuation) {
    EXPECT_EQ((*read("+ go on\r\n"))->tag, "+");
}

TEST(ImapReader, SeveralAnswersAtOnce) {
    ImapReader reader;
    reader.feed("* 3 EXISTS\r\n* 0 RECENT\r\nr1 OK\r\n");
    EXPECT_TRUE((*reader.next())->values[1].is("EXISTS"));
    EXPECT_TRUE((*reader.next())->values[1].is("RECENT"));
    EXPECT_EQ((*reader.next())->status, "OK");
    EXPECT_FALSE(*reader.next());
}

struct Unfinished {
    const char *name;
    const char *bytes;
};

class UnfinishedReplies : public testing::TestWithParam<Unfinished> {};

TEST_P(UnfinishedReplies, AreWaitedFor) {
    const auto reply = read(GetParam().bytes);
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_FALSE(*reply);
}

INSTANTIATE_TEST_SUITE_P(Table, UnfinishedReplies,
                         testing::Values(Unfinished{"nothing", ""}, Unfinished{"line", "* 3 EXI"},
                                         Unfinished{"half_of_the_end", "* 3 EXISTS\r"},
                                         Unfinished{"literal", "* 1 FETCH (A {5}\r\nabc"},
                                         Unfinished{"behind_a_literal", "* 1 FETCH (A {1}\r\na)"}),
                         [](const auto &case_) { return case_.param.name; });

struct BadReply {
    const char *name;
    std::string bytes;
    const char *error;
};

std::string many_values() {
    std::string reply = "* SEARCH";
    for (int i = 0; i < 60'000; ++i) {
        reply += " 7";
    }
    return reply + "\r\n";
}

class BadReplies : public testing::TestWithParam<BadReply> {};

TEST_P(BadReplies, AreErrorsForGood) {
    ImapReader reader;
    reader.feed(GetParam().bytes);
    const auto reply = reader.next();
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().message(), HasSubstr(GetParam().error));
    reader.feed("* 3 EXISTS\r\n");
    EXPECT_FALSE(reader.next());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadReplies,
    testing::Values(
        BadReply{"absurd_literal", "* 1 FETCH (A {4294967296000}\r\n", "literal of 4294967296000"},
        BadReply{"literal_beyond_any_number", "* A {99999999999999999999999999999999999}\r\n",
                 "IMAP literal of 999999999999999999999999999999"},
        BadReply{"literal_over_the_limit", "* 1 FETCH (A {65537}\r\n", "more than 65536"},
        BadReply{"line_without_end", "* " + std::string(1'000'001, 'x'), "more than 1000000 bytes"},
        BadReply{"nul_byte", std::string("* 3 EX\0ISTS\r\n", 13), "NUL byte"},
        BadReply{"bare_line_feed", "* 3 EXISTS\n", "CRLF"},
        BadReply{"control_character", "* 3 EX\x01ISTS\r\n", "control character"},
        BadReply{"carriage_return", "* 3 EX\rISTS\r\n", "control character"},
        BadReply{"empty_line", "\r\n", "without a tag"},
        BadReply{"list_without_end", "* FLAGS (a b\r\n", "list without end"},
        BadReply{"list_without_begin", "* FLAGS a) b\r\n", "list without begin"},
        BadReply{"string_without_end", "* LIST \"a\r\n", "string without end"},
        BadReply{"string_that_ends_in_its_escape", "* LIST \"a\\\r\n", "string without end"},
        BadReply{"section_without_end", "* BODY[TEXT\r\n", "section without end"},
        BadReply{"malformed_literal", "* A {12x} b\r\n", "malformed IMAP literal"},
        BadReply{"nested_without_end", "* " + std::string(5000, '(') + "\r\n", "nested"},
        BadReply{"too_many_values", many_values(), "more than 50000 values"},
        BadReply{"data_under_a_tag", "r1 SEARCH 1\r\n", "without OK, NO or BAD"}),
    [](const auto &case_) { return case_.param.name; });

TEST(ImapReader, NumbersThatAreNone) {
    const auto reply = *read("* -1 +1 1a 99999999999999999999 \"7\" 7\r\n");
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_FALSE(reply->values[i].number()) << i;
    }
    EXPECT_EQ(reply->values[5].number(), 7U);
}

}  // namespace
}  // namespace mail_relay::roundtrip
