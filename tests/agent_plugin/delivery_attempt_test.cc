#include "agent_plugin/delivery_attempt.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

using Delays = std::array<std::uint64_t, 4>;

TEST(DeliveryAttempt, HasTheFieldsOfItsLine) {
    const auto attempt = parse_delivery_attempt(
        "to=<bob@lab.test>, orig_to=<root>, relay=localhost[::1]:2587, conn_use=3, delay=1.2, "
        "delays=0.05/0.01/1/12, tls=cert:secure/sts, dsn=4.7.0, status=deferred (SASL "
        "authentication failed)");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->recipient, "bob@lab.test");
    EXPECT_EQ(attempt->relay, "localhost[::1]:2587");
    EXPECT_EQ(attempt->delays_ms, (Delays{50, 10, 1000, 12000}));
    EXPECT_EQ(attempt->dsn_status, "4.7.0");
    EXPECT_EQ(attempt->status, "deferred");
    EXPECT_EQ(attempt->reason, "SASL authentication failed");
}

TEST(DeliveryAttempt, TextInParenthesesIsNeverTakenForFields) {
    const auto attempt = parse_delivery_attempt(
        "to=<bob@lab.test>, relay=mx.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, "
        "status=bounced (host mx.test said: 550 x>, relay=evil, delay=0, delays=0/0/0/0, "
        "dsn=2.0.0, status=sent (ok))");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->status, "bounced");
    EXPECT_EQ(attempt->relay, "mx.test[192.0.2.1]:25");
}

TEST(DeliveryAttempt, AQuotedAddressMayImitateTheRestOfTheLine) {
    const auto attempt = parse_delivery_attempt(
        R"(to=<"x>, relay=evil[192.0.2.66]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok) \" "@lab.test>, relay=mx.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no))");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->status, "bounced");
    EXPECT_EQ(attempt->relay, "mx.test[192.0.2.1]:25");
}

TEST(DeliveryAttempt, ALoneQuoteOfAnUnquotedAddressIsText) {
    const auto attempt = parse_delivery_attempt(
        "to=<o\"neill@lab.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred "
        "(x)");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->recipient, "o\"neill@lab.test");
}

TEST(DeliveryAttempt, AReasonCutOffByTheLogStillCounts) {
    const auto attempt = parse_delivery_attempt(
        "to=<b@lab.test>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.te");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->reason, "connect to mx.te");
    EXPECT_FALSE(attempt->delays_ms);
}

TEST(DeliveryAttempt, HugeNumbersDoNotOverflow) {
    const auto attempt = parse_delivery_attempt(
        "to=<b>, relay=none, delay=9, delays=99999999999999999999/0/0/0.12345678, dsn=4.4.1, "
        "status=deferred (x)");
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->delays_ms, (Delays{4294967295000, 0, 0, 123}));
}

TEST(DeliveryAttempt, IsNoneWithoutItsFields) {
    for (const std::string text : {
             "",
             "to=<b@lab.test>",
             "to=<b@lab.test, relay=none, delay=1, dsn=4.4.1, status=deferred (x)",
             "to=<b>, delay=1, dsn=4.4.1, status=deferred (x)",
             "to=<b>, relay=none, delay=1, delays=1/2/3, dsn=4.4.1, status=deferred (x)",
             "to=<b>, relay=none, delay=1, delays=a/b/c/d, dsn=4.4.1, status=deferred (x)",
             "to=<b>, relay=none, delay=1, status=deferred (x)",
             "to=<b>, relay=none, delay=1, dsn=4.4.1, status=deferred",
             "from=<b>, relay=none, delay=1, dsn=4.4.1, status=deferred (x)",
         }) {
        EXPECT_FALSE(parse_delivery_attempt(text)) << text;
    }
}

TEST(RelayName, LeavesOutTheAddress) {
    EXPECT_EQ(relay_name("smtp.example.org[192.0.2.1]:587").text(), "smtp.example.org:587");
    EXPECT_EQ(relay_name("smtp.example.org[2001:db8::1]:587").text(), "smtp.example.org:587");
    EXPECT_EQ(relay_name("host.test[private/dovecot-lmtp]").text(), "host.test");
    EXPECT_EQ(relay_name("local").text(), "local");
    EXPECT_EQ(relay_name("[x]:25").text(), "[x]:25");
    EXPECT_EQ(relay_name("odd][").text(), "odd][");
}

TEST(RelayAddress, IsWhatStandsInTheBrackets) {
    EXPECT_FALSE(is_at_loopback("smtp.example.org[2001:db8::1]:587"));
    EXPECT_TRUE(is_at_loopback("localhost[::1]:587"));
    EXPECT_TRUE(is_at_loopback("127.0.0.1[127.0.0.1]:10024"));
    EXPECT_TRUE(is_at_loopback("none"));
}

}  // namespace
}  // namespace mail_relay
