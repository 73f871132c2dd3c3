#include "common/failure_words.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

std::string words(std::string_view text) {
    return read_failure_words(text).words;
}

TEST(FailureWords, AHostWithItsAddressIsOneWord) {
    EXPECT_EQ(words("connect to mx.example.org[192.0.2.1]:25: Connection refused"),
              "connect to host: connection refused");
    EXPECT_EQ(words("connect to mx[2001:db8::1]:25: x"), "connect to host6: x");
    EXPECT_EQ(words("Client host [192.0.2.1] blocked"), "client host host blocked");
    EXPECT_EQ(words("Client host [IPv6:2001:db8::1] blocked"), "client host host6 blocked");
    EXPECT_EQ(words("connect to mx[private/lmtp]: x"), "connect to mx[private/lmtp]: x");
    EXPECT_EQ(words("[VI-1] [1.2.3] [12345678] ["), "[vi-1] [1.2.3] [12345678] [");
}

TEST(FailureWords, AMailAddressIsOneSign) {
    EXPECT_EQ(words("<User.Name+x@Example.org>: gone"), "<@>: gone");
    EXPECT_EQ(words("@ a@b@c"), "@ @");
    EXPECT_EQ(words("gone...user@example.org"), "gone...@");
}

TEST(FailureWords, OfAReplyOnlyTheServersWordsAreKept) {
    const FailureWords text = read_failure_words(
        "host mx[192.0.2.1] said: 550 5.1.1 <a@b.test>: User unknown (in reply to RCPT TO "
        "command)");
    EXPECT_EQ(text.words, "550 5.1.1 <@>: user unknown ");
    EXPECT_EQ(text.reply_code, 550);
    EXPECT_EQ(text.status, "5.1.1");
    EXPECT_EQ(text.step, SmtpStep::kRcptTo);
}

TEST(FailureWords, ThatADestinationIsSuspendedIsNoReason) {
    EXPECT_EQ(words("delivery temporarily suspended: Connection refused"), "connection refused");
}

TEST(FailureWords, KnowsWhatAReplyAnswers) {
    EXPECT_EQ(read_failure_words("host mx[192.0.2.1] refused to talk to me: 554 x").step,
              SmtpStep::kConnect);
    EXPECT_EQ(
        read_failure_words("SASL authentication failed; server mx[192.0.2.1] said: 535 x").step,
        SmtpStep::kAuth);
    EXPECT_EQ(read_failure_words("550 x (in reply to MAIL FROM command)").step,
              SmtpStep::kMailFrom);
    EXPECT_EQ(read_failure_words("550 x (in reply to DATA command)").step, SmtpStep::kData);
    EXPECT_EQ(read_failure_words("550 x (in reply to end of DATA command)").step, SmtpStep::kData);
    EXPECT_EQ(read_failure_words("550 x").step, SmtpStep::kUnknown);
}

TEST(FailureWords, JoinedLinesReadAsOne) {
    EXPECT_EQ(words("550-5.7.26 This mail has 550-5.7.26 been blocked. 550 5.7.26  https://x.test"),
              "550 5.7.26 this mail has been blocked. https://x.test");
    EXPECT_EQ(words("SASL authentication failed; server mx[192.0.2.1] said: 534-5.7.9 App?534 "
                    "5.7.9 password"),
              "534 5.7.9 app password");
}

TEST(FailureWords, ANumberInTheTextIsNoReplyCode) {
    EXPECT_EQ(read_failure_words("message size 550 exceeds limit").reply_code, 0);
    EXPECT_EQ(read_failure_words("Command died with status 127").reply_code, 0);
    EXPECT_EQ(read_failure_words("550 wait 421 seconds").reply_code, 550);
}

TEST(FailureWords, QuotesAndOtherAlphabetsCannotSplitAPhrase) {
    EXPECT_EQ(words("user \"bob\" doesn't exist"), "user bob doesnt exist");
    EXPECT_EQ(words("user doesn\xe2\x80\x99t exist"), "user doesnt exist");
    EXPECT_EQ(words("bo\xc3\xaete pleine"), "bo?te pleine");
    EXPECT_EQ(words("bo??te pleine"), "bo?te pleine");
    EXPECT_EQ(words("E-Mail"), "email");
}

TEST(FailureWords, IsBounded) {
    EXPECT_LE(words(std::string(100000, 'a')).size(), 4096U);
    EXPECT_LE(words(std::string(100000, '[')).size(), 4096U);
}

}  // namespace
}  // namespace mail_relay
