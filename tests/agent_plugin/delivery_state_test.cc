#include "agent_plugin/delivery_state.h"

#include <gtest/gtest.h>

#include <string>

#include "agent_plugin/delivery_tally.h"

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795255325;  // 2026-11-21T10:02:05Z

DeliveryState full_state() {
    DeliveryState state;
    state.source = "/var/log/mail.log";
    state.progress.file = LogPosition{1, 2, 3, 3, ~std::uint64_t{0}, 5, true};
    state.progress.cursor = "s=1";
    LogScope scope;
    scope.syslog_names = {"postfix"};
    scope.sites = {{"mysite", 999}};
    DeliveryTally tally(state.record, scope, kNow);
    tally.take(
        "2026-11-21T10:02:05Z h postfix/pickup[1]: AAAAAA1: uid=999 from=<x>\n"
        "2026-11-21T10:02:05Z h postfix/smtp[1]: AAAAAA1: to=<a\xff@b>, relay=x[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host x[192.0.2.1] said: 550 5.1.1 "
        "User unknown \xc3\xa4)\n"
        "2026-11-21T10:02:05Z h postfix/bounce[1]: AAAAAA1: sender non-delivery notification: "
        "BBBBBB1\n"
        "2026-11-21T10:02:05Z h postfix/smtp[1]: AAAAAA2: to=<a@b>, relay=x[192.0.2.1]:25, "
        "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\n"
        "2026-11-21T10:02:05Z h postfix/master[1]: warning: /x/smtpd: bad command startup -- "
        "throttling\n");
    return state;
}

TEST(DeliveryState, IsReadAsItWasWritten) {
    const std::string text = serialize_delivery_state(full_state());
    const auto state = parse_delivery_state(text);
    ASSERT_TRUE(state) << state.error().message();
    EXPECT_EQ(state->progress, full_state().progress);
    EXPECT_EQ(state->record.totals.bounced, 1U);
    EXPECT_EQ(state->record.sites.at("mysite").counts.bounced, 1U);
    EXPECT_EQ(state->record.losses.at(0).recipient, "a\xff@b");
    EXPECT_EQ(state->record.relayed_hours.last_day(kNow), 1U);
    EXPECT_EQ(serialize_delivery_state(*state), text);
}

TEST(DeliveryState, AnyDamageIsAnError) {
    const std::string text = serialize_delivery_state(full_state());
    for (std::size_t size = 0; size < text.size(); size += 7) {
        EXPECT_FALSE(parse_delivery_state(text.substr(0, size))) << size;
    }
    for (const std::string damaged : {"", "[]", "[1]", "[2,[]]", "{}", "[1,[[]]]", "[1,{}]"}) {
        EXPECT_FALSE(parse_delivery_state(damaged)) << damaged;
    }
}

TEST(DeliveryState, AClassThatIsNotKnownIsLeftOut) {
    std::string text = serialize_delivery_state(full_state());
    const std::string name = "\"recipient_rejected\"";
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
        text.replace(at, name.size(), "\"of_the_future\"");
    }
    const auto state = parse_delivery_state(text);
    ASSERT_TRUE(state) << state.error().message();
    EXPECT_EQ(state->record.totals.bounced, 1U);
    EXPECT_EQ(state->record.losses.at(0).failure, FailureClass::kOther);
}

TEST(DeliveryState, ALossWithoutAnAttemptIsKept) {
    DeliveryState state;
    LogScope scope;
    scope.syslog_names = {"postfix"};
    DeliveryTally tally(state.record, scope, kNow);
    tally.take(
        "2026-11-21T10:02:05Z h postfix/qmgr[1]: AAAAAA1: from=<a@b>, status=expired, "
        "returned to sender\n");
    const auto again = parse_delivery_state(serialize_delivery_state(state));
    ASSERT_TRUE(again) << again.error().message();
    const auto &other = again->record.classes.at(static_cast<std::size_t>(FailureClass::kOther));
    EXPECT_EQ(other.counts.expired, 1U);
    EXPECT_EQ(other.lost.last_day(kNow), 1U);
}

TEST(DeliveryState, ASwappedCharacterIsSurvived) {
    const std::string text = serialize_delivery_state(full_state());
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char c : {'[', '"', '9', '-', ','}) {
            std::string damaged = text;
            damaged[at] = c;
            if (const auto state = parse_delivery_state(damaged)) {
                EXPECT_FALSE(serialize_delivery_state(*state).empty());
            }
        }
    }
}

}  // namespace
}  // namespace mail_relay
