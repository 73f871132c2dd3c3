#include "common/failure_ideas.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

std::string_view ideas(std::string_view text) {
    return failure_class_name(
        failure_by_ideas(read_failure_words(text)).value_or(FailureClass::kOther));
}

TEST(FailureIdeas, TheOrderOfTheWordsDoesNotMatter) {
    EXPECT_EQ(ideas("550 a mailbox that we deem obsolete"), "recipient_rejected");
    EXPECT_EQ(ideas("550 obsolete, this mailbox"), "recipient_rejected");
}

TEST(FailureIdeas, ANotTurnsAWordAround) {
    EXPECT_EQ(ideas("550 your client is not at all welcome"), "reputation");
    EXPECT_EQ(ideas("550 your client is welcome"), "other");
    EXPECT_EQ(ideas("550 not so, but two or three clients are welcome"), "other");
}

TEST(FailureIdeas, AStatusCodeIsAWordLikeOthers) {
    EXPECT_EQ(ideas("550 5.1.1 sorry"), "recipient_rejected");
    EXPECT_EQ(ideas("452 4.2.2 sorry"), "mailbox_full");
    EXPECT_EQ(ideas("550 5.1.1 ip blacklisted"), "reputation");
}

TEST(FailureIdeas, NamesAddressesAndLinksAreNoEvidence) {
    EXPECT_EQ(ideas("550 see https://quota.test/spam/blocked for more"), "other");
    EXPECT_EQ(ideas("550 spam.example says hello"), "other");
}

TEST(FailureIdeas, AnAddressInNumbersIsThisHost) {
    EXPECT_EQ(ideas("550 192.0.2.1 rejected"), "reputation");
}

TEST(FailureIdeas, KnowsSomeWordsOfOtherLanguages) {
    EXPECT_EQ(ideas("550 Usuario inexistente"), "recipient_rejected");
    EXPECT_EQ(ideas("550 Absender gesperrt"), "sender_rejected");
    EXPECT_EQ(ideas("550 Bo\xc3\xaete aux lettres pleine"), "mailbox_full");
}

TEST(FailureIdeas, OfVagueWordsTheStepDecides) {
    const std::string reply = "host mx[192.0.2.1] said: 550 refused (in reply to ";
    EXPECT_EQ(ideas(reply + "RCPT TO command)"), "recipient_rejected");
    EXPECT_EQ(ideas(reply + "MAIL FROM command)"), "sender_rejected");
    EXPECT_EQ(ideas(reply + "end of DATA command)"), "content_rejected");
}

TEST(FailureIdeas, TellsNothingOfOtherWords) {
    EXPECT_EQ(ideas(""), "other");
    EXPECT_EQ(ideas("550 the dog ate it"), "other");
    EXPECT_EQ(ideas(std::string(10000, '.')), "other");
    EXPECT_EQ(ideas(std::string(10000, '7')), "other");
}

}  // namespace
}  // namespace mail_relay
