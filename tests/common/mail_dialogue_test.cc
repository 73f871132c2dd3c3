#include "common/mail_dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

const MailDialogue::Time kBegin{};

/// Plays lines at intervals of 10 ms: "C: ..." by the client, "S: ..." by the server, "TLS".
void play(MailDialogue &dialogue, const std::vector<std::string> &lines) {
    auto now = kBegin;
    for (const auto &line : lines) {
        now += milliseconds(10);
        if (line == "TLS") {
            dialogue.shook_hands(now);
        } else if (line.starts_with("C: ")) {
            dialogue.sent(line.substr(3) + "\r\n", now);
        } else {
            dialogue.received(line.substr(3) + "\r\n", now);
        }
    }
}

MailDialogue smtp(const std::vector<std::string> &lines, TlsMode tls = TlsMode::kStartTls) {
    MailDialogue dialogue(MailProtocol::kSmtp, tls, kBegin - milliseconds(5));
    dialogue.connected(kBegin);
    play(dialogue, lines);
    return dialogue;
}

MailDialogue imap(const std::vector<std::string> &lines, TlsMode tls = TlsMode::kStartTls) {
    MailDialogue dialogue(MailProtocol::kImap, tls, kBegin);
    dialogue.connected(kBegin);
    play(dialogue, lines);
    return dialogue;
}

TEST(MailDialogue, AWholeSmtpSession) {
    const auto dialogue =
        smtp({"S: 220-mail.example.org", "S: 220 at your service", "C: EHLO monitor",
              "S: 250-mail.example.org", "S: 250-STARTTLS", "S: 250 SIZE 100", "C: STARTTLS",
              "S: 220 go", "TLS", "C: EHLO monitor", "S: 250-mail.example.org", "S: 250-8BITMIME",
              "S: 250-AUTH=LOGIN PLAIN", "S: 250 AUTH PLAIN LOGIN XOAUTH2", "C: AUTH PLAIN",
              "S: 334 ", "C: AGJvYgBodW50ZXIyMg==", "S: 235 welcome"});
    EXPECT_EQ(dialogue.banner(), "220-mail.example.org");
    EXPECT_THAT(dialogue.capabilities(), Optional(ElementsAre("8BITMIME")));
    EXPECT_THAT(dialogue.auth_mechanisms(), Optional(ElementsAre("LOGIN", "PLAIN", "XOAUTH2")));
    EXPECT_EQ(dialogue.authenticated_with(), "PLAIN");
    EXPECT_TRUE(dialogue.starttls_offered());
    EXPECT_NEAR(*dialogue.connect_s(), 0.005, 1e-6);
    EXPECT_NEAR(*dialogue.greeting_s(), 0.020, 1e-6);
    EXPECT_NEAR(*dialogue.tls_s(), 0.020, 1e-6);
    EXPECT_NEAR(*dialogue.auth_s(), 0.030, 1e-6);
    EXPECT_EQ(dialogue.refusal(), "");
}

TEST(MailDialogue, AWholeImapSession) {
    const auto dialogue =
        imap({"S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready", "C: A001 CAPABILITY",
              "S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "S: A001 OK done",
              "C: A002 STARTTLS", "S: A002 OK go", "TLS", "C: A003 CAPABILITY",
              "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN", "S: A003 OK done",
              "C: A004 AUTHENTICATE PLAIN", "S: +",
              "C: AGJvYgBodW50ZXIyMg==", "S: A004 OK [CAPABILITY IMAP4rev1 UIDPLUS] Logged in"});
    EXPECT_EQ(dialogue.banner(), "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready");
    EXPECT_THAT(dialogue.capabilities(), Optional(ElementsAre("IMAP4REV1", "UIDPLUS")));
    EXPECT_EQ(dialogue.authenticated_with(), "PLAIN");
    EXPECT_TRUE(dialogue.starttls_offered());
    EXPECT_TRUE(dialogue.tls_s() && dialogue.auth_s());
}

TEST(MailDialogue, ImapLoginIsOfThatName) {
    const auto dialogue = imap({"S: * OK ready", "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1",
                                "S: A001 OK", "C: A002 LOGIN bob hunter22", "S: A002 OK in"},
                               TlsMode::kNone);
    EXPECT_EQ(dialogue.authenticated_with(), "LOGIN");
}

TEST(MailDialogue, KeepsNothingOfWhatTheClientSaysInTheLogIn) {
    const auto dialogue = imap(
        {"S: * OK ready", "C: A002 LOGIN bob hunter22", "S: A002 NO [AUTHENTICATIONFAILED] no"},
        TlsMode::kNone);
    EXPECT_EQ(dialogue.refusal(), "A002 NO [AUTHENTICATIONFAILED] no");
    EXPECT_THAT(dialogue.refusal(), Not(HasSubstr("hunter22")));
    EXPECT_TRUE(dialogue.auth_tried());
}

struct StandCase {
    const char *name;
    std::vector<std::string> lines;
    const char *phase;
    const char *refusal;
};

class SmtpStand : public testing::TestWithParam<StandCase> {};

TEST_P(SmtpStand, IsTold) {
    const auto dialogue = smtp(GetParam().lines);
    EXPECT_EQ(dialogue.phase(), GetParam().phase);
    EXPECT_EQ(dialogue.refusal(), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SmtpStand,
    testing::Values(
        StandCase{"nothing_said", {}, "greeting", ""},
        StandCase{"refused_at_once", {"S: 554 go away"}, "greeting", "554 go away"},
        StandCase{"something_else", {"S: SSH-2.0"}, "greeting", "SSH-2.0"},
        StandCase{"half_an_answer", {"S: 220 hi", "C: EHLO x", "S: 250-a"}, "ehlo", "250-a"},
        StandCase{"starttls_refused",
                  {"S: 220 hi", "C: EHLO x", "S: 250 STARTTLS", "C: STARTTLS", "S: 454 no"},
                  "starttls",
                  "454 no"},
        StandCase{"handshake", {"S: 220 hi", "C: STARTTLS", "S: 220 go"}, "tls", ""},
        StandCase{
            "auth_continues", {"S: 220 hi", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6"}, "auth", ""},
        StandCase{"token_refused",
                  {"S: 220 hi", "C: AUTH XOAUTH2 dXNlcg==", "S: 334 eyJzdGF0dXMiOiI0MDAifQ=="},
                  "auth",
                  R"({"status":"400"})"},
        StandCase{"auth_refused",
                  {"S: 220 hi", "C: AUTH LOGIN", "S: 334 VX", "C: Ym9i", "S: 535 5.7.8 no"},
                  "auth",
                  "535 5.7.8 no"}),
    [](const auto &case_) { return case_.param.name; });

class ImapStand : public testing::TestWithParam<StandCase> {};

TEST_P(ImapStand, IsTold) {
    const auto dialogue = imap(GetParam().lines);
    EXPECT_EQ(dialogue.phase(), GetParam().phase);
    EXPECT_EQ(dialogue.refusal(), GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ImapStand,
    testing::Values(
        StandCase{"bye_as_greeting", {"S: * BYE overloaded"}, "greeting", "* BYE overloaded"},
        StandCase{"bad_command",
                  {"S: * OK hi", "C: A001 CAPABILITY", "S: A001 BAD what"},
                  "capability",
                  "A001 BAD what"},
        StandCase{"another_tag_is_no_answer",
                  {"S: * OK hi", "C: A002 AUTHENTICATE PLAIN", "S: A001 OK late"},
                  "auth",
                  "A001 OK late"},
        StandCase{"token_refused",
                  {"S: * OK hi", "C: A002 AUTHENTICATE XOAUTH2", "S: + eyJzdGF0dXMiOiI0MDAifQ=="},
                  "auth",
                  R"({"status":"400"})"},
        StandCase{"bye_in_the_log_in",
                  {"S: * OK hi", "C: A002 AUTHENTICATE PLAIN", "S: +", "C: eA==", "S: * BYE out"},
                  "auth",
                  "* BYE out"}),
    [](const auto &case_) { return case_.param.name; });

TEST(MailDialogue, KeepsAtMostAHundredLinesOfAnAnswer) {
    MailDialogue dialogue(MailProtocol::kSmtp, TlsMode::kNone, kBegin);
    dialogue.connected(kBegin);
    play(dialogue, {"S: 220 hi", "C: EHLO x"});
    for (int i = 0; i < 5000; ++i) {
        dialogue.received("250-X" + std::string(900, 'x') + "\r\n", kBegin);
    }
    EXPECT_THAT(dialogue.capabilities(), Optional(SizeIs(100)));
    EXPECT_THAT(dialogue.capabilities()->front(), SizeIs(500));
    EXPECT_LT(dialogue.refusal().size(), 3000U);
}

TEST(MailDialogue, AnyBytesWillDo) {
    for (const auto protocol : {MailProtocol::kSmtp, MailProtocol::kImap}) {
        MailDialogue dialogue(protocol, TlsMode::kStartTls, kBegin);
        dialogue.connected(kBegin);
        for (const std::string &line :
             {std::string(), std::string("\0\0\0", 3), std::string("\xff\xfe"), std::string("25"),
              std::string("250"), std::string("* "), std::string("[CAPABILITY "),
              std::string("+")}) {
            dialogue.received(line, kBegin);
            dialogue.sent(line, kBegin);
        }
        EXPECT_THAT(dialogue.authenticated_with().value_or(""), IsEmpty());
    }
}

TEST(OneLine, IsPrintable) {
    EXPECT_EQ(one_line("  250 a\r\n\tb\x1b[31m\x80 \xc3\xbc ", 100), "250 a b?[31m? \xc3\xbc");
    EXPECT_EQ(one_line("\xc2\x9b", 100), "?");
}

TEST(OneLine, IsCutBetweenCharacters) {
    EXPECT_EQ(one_line("ab\xc3\xbc", 3), "ab");
    EXPECT_EQ(one_line("abc def", 4), "abc");
}

}  // namespace
}  // namespace mail_relay
