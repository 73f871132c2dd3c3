#include "special_agent/loop_definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mail_relay::roundtrip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char *kSmallest = R"({
    "name": "internal", "kind": "internal", "from": "a@example.org", "to": "b@example.org",
    "submission": {"server": "smtp.example.org"},
    "mailbox": {"server": "imap.example.org",
                "auth": {"type": "password", "user": "b", "secret": "1.mailbox"}}})";

/// The smallest definition with the value at a JSON pointer replaced (or, if empty, removed).
std::string changed(std::string_view pointer, std::string_view value) {
    boost::json::value definition = boost::json::parse(kSmallest);
    const auto slash = pointer.rfind('/');
    boost::json::value &parent =
        slash == 0 ? definition : definition.at_pointer(pointer.substr(0, slash));
    const auto key = pointer.substr(slash + 1);
    if (value.empty()) {
        parent.as_object().erase(key);
    } else {
        parent.as_object()[key] = boost::json::parse(value);
    }
    return boost::json::serialize(definition);
}

TEST(LoopDefinition, LeftOutKeysHaveTheirDefaults) {
    const auto loop = parse_loop(kSmallest, 1);
    ASSERT_TRUE(loop) << loop.error().error;
    EXPECT_EQ(loop->name, "internal");
    EXPECT_EQ(loop->interval, std::chrono::seconds(300));
    EXPECT_EQ(loop->wait, std::chrono::seconds(5));
    EXPECT_EQ(loop->lost_after, std::chrono::hours(1));
    EXPECT_EQ(loop->submission.endpoint.port, 587);
    EXPECT_TRUE(loop->submission.endpoint.verify);
    EXPECT_FALSE(loop->submission.login);
    EXPECT_EQ(loop->mailbox.endpoint.tls, TlsMode::kImplicit);
    EXPECT_EQ(loop->mailbox.endpoint.port, 993);
    EXPECT_EQ(loop->mailbox.folder, "INBOX");
    EXPECT_FALSE(loop->mailbox.delete_probes);
}

TEST(LoopDefinition, ThePortFollowsTheTlsMode) {
    EXPECT_EQ(parse_loop(changed("/submission/tls", "\"implicit\""), 1)->submission.endpoint.port,
              465);
    EXPECT_EQ(parse_loop(changed("/submission/tls", "\"none\""), 1)->submission.endpoint.port, 25);
    EXPECT_EQ(parse_loop(changed("/mailbox/tls", "\"starttls\""), 1)->mailbox.endpoint.port, 143);
    EXPECT_EQ(parse_loop(changed("/mailbox/port", "2993"), 1)->mailbox.endpoint.port, 2993);
}

TEST(LoopDefinition, ReadsOAuth) {
    const auto loop = parse_loop(
        changed("/mailbox/auth",
                R"({"type": "oauth2", "user": "b", "token_url": "https://login.example.org/token",
                    "grant": "refresh_token", "client_id": "c", "refresh_token": "1.refresh"})"),
        1);
    ASSERT_TRUE(loop) << loop.error().error;
    EXPECT_EQ(loop->mailbox.login.kind, Login::Kind::kRefreshToken);
    EXPECT_EQ(loop->mailbox.login.refresh_token, "1.refresh");
}

TEST(LoopDefinition, ReadsListsAndDeliverability) {
    EXPECT_THAT(parse_loop(changed("/mailbox/further_folders", R"(["A", "B"])"), 1)
                    ->mailbox.further_folders,
                ElementsAre("A", "B"));
    const auto loop = parse_loop(
        changed("/deliverability", R"({"authority": "mx.test", "block_lists": ["bl.test"]})"), 1);
    EXPECT_EQ(loop->authority, "mx.test");
    EXPECT_THAT(loop->block_lists, ElementsAre("bl.test"));
}

struct Rejected {
    const char *name;
    const char *pointer;
    const char *value;
    const char *error;
};

class RejectedLoop : public testing::TestWithParam<Rejected> {};

TEST_P(RejectedLoop, SaysWhatIsWrongAndWhere) {
    const auto loop = parse_loop(changed(GetParam().pointer, GetParam().value), 3);
    ASSERT_FALSE(loop);
    EXPECT_THAT(loop.error().error, HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, RejectedLoop,
    testing::Values(
        Rejected{"NoName", "/name", "", "name: is missing"},
        Rejected{"EmptyName", "/name", "\"\"", "name: has to be a text that is not empty"},
        Rejected{"NoKind", "/kind", "", "kind: is missing"},
        Rejected{"OtherKind", "/kind", "\"both\"", "kind: \"both\" is none of internal, external"},
        Rejected{"NoSubmission", "/submission", "", "submission: is missing"},
        Rejected{"SubmissionIsText", "/submission", "\"x\"", "submission: has to be an object"},
        Rejected{"UnknownKey", "/colour", "1", "colour: is not a known key"},
        Rejected{"UnknownInnerKey", "/mailbox/foldr", "1", "mailbox.foldr: is not a known key"},
        Rejected{"PortTooHigh", "/submission/port", "99999", "submission.port: 99999 is not from"},
        Rejected{"PortIsText", "/submission/port", "\"25\"", "submission.port: \"25\" is not from"},
        Rejected{"WaitTooLong", "/wait_s", "100", "wait_s: 100 is not from 0 to 40 seconds"},
        Rejected{"IntervalNegative", "/interval_s", "-1", "interval_s: -1 is not from"},
        Rejected{"NoMailAddress", "/from", "\"monitoring\"", "from: monitoring is not a mail"},
        Rejected{"TwoMailAddresses", "/to", "\"a@b.test, c@d.test\"", "is not a mail address"},
        Rejected{"NotAscii", "/to", "\"a@b\u00fc.test\"", "to: a@b\u00fc.test holds characters"},
        Rejected{"LineBreak", "/to", "\"a@b.test\\r\\nDATA\"", "to: holds a control character"},
        Rejected{"NoMailboxLogin", "/mailbox/auth", "", "mailbox.auth: is missing"},
        Rejected{"NoSecret", "/mailbox/auth/secret", "", "mailbox.auth.secret: is missing"},
        Rejected{"FlagIsText", "/mailbox/verify", "\"yes\"", "verify: has to be true or false"},
        Rejected{"PlainTokenUrl", "/mailbox/auth",
                 R"({"type":"oauth2","user":"b","token_url":"http://x.test","client_id":"c",
                     "grant":"client_credentials"})",
                 "token_url: has to begin with https://"}),
    [](const auto &tested) { return tested.param.name; });

TEST(LoopDefinition, AnErrorStillNamesLoopAndKind) {
    const auto loop = parse_loop(changed("/submission/port", "0"), 3);
    EXPECT_EQ(loop.error().loop, "internal");
    EXPECT_EQ(loop.error().kind, LoopKind::kInternal);
    EXPECT_EQ(parse_loop(changed("/name", ""), 3).error().loop, "loop 3");
}

TEST(LoopDefinition, WhatIsNoJsonSaysSo) {
    for (const std::string &text : {std::string(), std::string("[]"), std::string("{"),
                                    std::string(100'000, '['), std::string(5000, '[')}) {
        const auto loop = parse_loop(text, 2);
        ASSERT_FALSE(loop);
        EXPECT_EQ(loop.error().loop, "loop 2");
        EXPECT_FALSE(loop.error().error.empty());
    }
}

}  // namespace
}  // namespace mail_relay::roundtrip
