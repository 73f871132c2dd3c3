#include "agent_plugin/showq_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {
namespace {

using testing::HasSubstr;

std::string words(std::initializer_list<std::string_view> words) {
    std::string stream;
    for (const auto word : words) {
        stream.append(word).push_back('\0');
    }
    return stream;
}

struct Parsed {
    std::vector<ShowqMessage> messages;
    Result<void> result;
};

Parsed parse(std::string_view stream, std::size_t part = 1000000) {
    Parsed parsed;
    ShowqParser parser(
        [&parsed](const ShowqMessage &message) { parsed.messages.push_back(message); });
    for (std::size_t at = 0; at < stream.size() && parsed.result; at += part) {
        parsed.result = parser.feed(stream.substr(at, part));
    }
    if (parsed.result) {
        parsed.result = parser.finish();
    }
    return parsed;
}

const std::string kGreeting = words({"protocol", "mail_queue_list_protocol", ""});
const std::string kMessage34 =
    words({"queue_name", "deferred", "queue_id", "ABCDE1", "time", "1795256400", "size", "284",
           "sender", "a@example.org", "recipient", "x@example.org", "reason", "connect: refused",
           "recipient", "y@other.test", "reason", "", ""});
const std::string kMessage35 =
    words({"queue_name", "active", "queue_id", "ABCDE2", "time", "1795256401", "size", "300",
           "forced_expire", "0", "sender", "MAILER-DAEMON", "recipient", "z@example.org", "reason",
           "", ""});
const std::string kMessage311 = words({"queue_name",
                                       "hold",
                                       "queue_id",
                                       "ABCDE3",
                                       "time",
                                       "1795256402",
                                       "size",
                                       "301",
                                       "forced_expire",
                                       "0",
                                       "sender",
                                       "a@example.org",
                                       "original_recipient",
                                       "o@example.org",
                                       "recipient",
                                       "z@example.org",
                                       "log_class",
                                       "defer",
                                       "reason",
                                       "held",
                                       ""});
const std::string kEnd(1, '\0');

struct VersionCase {
    const char *version;
    std::string stream;
    std::size_t messages;
};

class ShowqOfVersion : public testing::TestWithParam<VersionCase> {};

TEST_P(ShowqOfVersion, IsUnderstoodHoweverItIsCut) {
    for (const std::size_t part : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
        const auto parsed = parse(GetParam().stream, part);
        ASSERT_TRUE(parsed.result) << parsed.result.error().message();
        EXPECT_EQ(parsed.messages.size(), GetParam().messages);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Showq, ShowqOfVersion,
    testing::Values(VersionCase{"V34", kMessage34 + kEnd, 1},
                    VersionCase{"V35", kMessage34 + kMessage35 + kEnd, 2},
                    VersionCase{"V36", kGreeting + kMessage35 + kEnd, 1},
                    VersionCase{"V311", kGreeting + kMessage311 + kMessage35 + kEnd, 2},
                    VersionCase{"EmptyOld", kEnd, 0}, VersionCase{"Empty", kGreeting + kEnd, 0}),
    [](const auto &test) { return test.param.version; });

TEST(Showq, TellsWhatItWasTold) {
    const auto parsed = parse(kMessage34 + kEnd);
    ASSERT_EQ(parsed.messages.size(), 1U);
    const ShowqMessage &message = parsed.messages[0];
    EXPECT_EQ(message.queue_name, "deferred");
    EXPECT_EQ(message.queue_id, "ABCDE1");
    EXPECT_EQ(message.arrival, 1795256400);
    EXPECT_EQ(message.content_bytes, 284U);
    EXPECT_EQ(message.sender, "a@example.org");
    ASSERT_EQ(message.recipients.size(), 2U);
    EXPECT_EQ(message.recipients[0].reason, "connect: refused");
    EXPECT_EQ(message.recipients[1].address, "y@other.test");
    EXPECT_EQ(message.recipients[1].reason, "");
}

TEST(Showq, AMessageDoesNotInheritFromTheOneBefore) {
    const auto parsed =
        parse(kMessage34 + words({"queue_name", "hold", "queue_id", "ABCDE9", ""}) + kEnd);
    ASSERT_EQ(parsed.messages.size(), 2U);
    EXPECT_EQ(parsed.messages[1].sender, "");
    EXPECT_EQ(parsed.messages[1].arrival, std::nullopt);
    EXPECT_TRUE(parsed.messages[1].recipients.empty());
}

TEST(Showq, ManyRecipientsAreNotKept) {
    std::string stream = words({"queue_name", "hold", "queue_id", "ABCDE9"});
    for (int i = 0; i < 1000; ++i) {
        stream += words({"recipient", "x@example.org", "reason", "r"});
    }
    const auto parsed = parse(stream + kEnd + kEnd);
    ASSERT_EQ(parsed.messages.size(), 1U);
    EXPECT_EQ(parsed.messages[0].recipients.size(), ShowqMessage::kMostRecipients);
}

struct BadCase {
    const char *what;
    std::string stream;
    const char *error;
};

class BadShowq : public testing::TestWithParam<BadCase> {};

TEST_P(BadShowq, IsAnError) {
    const auto parsed = parse(GetParam().stream);
    ASSERT_FALSE(parsed.result);
    EXPECT_THAT(parsed.result.error().message(), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Showq, BadShowq,
    testing::Values(
        BadCase{"Nothing", "", "ended before the list did"},
        BadCase{"GreetingOnly", kGreeting, "ended before the list did"},
        BadCase{"NoEnd", kGreeting + kMessage35, "ended before the list did"},
        BadCase{"CutInAValue", (kGreeting + kMessage35).substr(0, 80), "ended before the list did"},
        BadCase{"CutBeforeTheLastNul", kMessage35.substr(0, kMessage35.size() - 1),
                "ended before the list did"},
        BadCase{"OtherProtocol", words({"protocol", "mail_flush_protocol", ""}),
                "speaks \"mail_flush_protocol\""},
        BadCase{"DataAfterTheEnd", kEnd + "x", "after its end"},
        BadCase{"EndlessValue", "queue_id" + kEnd + std::string(70000, 'x'), "more than 65536"},
        BadCase{"EndlessName", std::string(70000, 'x'), "more than 65536"}),
    [](const auto &test) { return test.param.what; });

}  // namespace
}  // namespace mail_relay
