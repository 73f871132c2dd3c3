// What can go wrong with a submission, each seen from the sections of a whole run.

#include <gmock/gmock.h>

#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

using test::Twist;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using End = test::Twist::End;

struct SmtpFault {
    const char *name;
    const char *step;
    Twist twist;
    const char *phase;
    const char *kind;
    const char *words;
    int sent = 0;  // probes that may be on their way

    friend void PrintTo(const SmtpFault &fault, std::ostream *out) { *out << fault.name; }
};

class SubmissionFault : public LoopTest, public testing::WithParamInterface<SmtpFault> {};

TEST_P(SubmissionFault, IsToldWithItsPhaseAndTheServersWords) {
    const auto &fault = GetParam();
    smtp_.twists[fault.step] = fault.twist;
    start();
    const auto seen = run(Milliseconds(4'000));
    EXPECT_EQ(seen.at("submission", "/ok"), false) << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/phase"), fault.phase);
    EXPECT_EQ(seen.word("submission", "/failure/class"), fault.kind);
    EXPECT_THAT(seen.word("submission", "/failure/error"), HasSubstr(fault.words));
    EXPECT_EQ(seen.word("", "/submission_failure/phase"), fault.phase);
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
    EXPECT_EQ(seen.at("", "/totals/sent"), fault.sent);
    EXPECT_EQ(seen.at("", "/outstanding/probes"), fault.sent);
}

INSTANTIATE_TEST_SUITE_P(
    Closes, SubmissionFault,
    testing::Values(SmtpFault{"BeforeTheGreeting",
                              "greeting",
                              {"", End::kClose},
                              "greeting",
                              "greeting_timeout",
                              "closed the connection"},
                    SmtpFault{"InTheGreeting",
                              "greeting",
                              {"220 we", End::kClose},
                              "greeting",
                              "greeting_timeout",
                              "closed the connection"},
                    SmtpFault{"AfterTheGreeting",
                              "greeting",
                              {"220 hi\r\n", End::kClose},
                              "ehlo",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"BeforeEhlo",
                              "EHLO",
                              {"", End::kClose},
                              "ehlo",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"InEhlo",
                              "EHLO",
                              {"250-mail.exa", End::kClose},
                              "ehlo",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"AfterEhlo",
                              "EHLO",
                              {"250 hi\r\n", End::kClose},
                              "mail",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"BeforeMail",
                              "MAIL",
                              {"", End::kClose},
                              "mail",
                              "lost_connection",
                              "MAIL FROM:<probe@example.org>"},
                    SmtpFault{"InMail",
                              "MAIL",
                              {"250 2.1.", End::kClose},
                              "mail",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"AfterMail",
                              "MAIL",
                              {"250 ok\r\n", End::kClose},
                              "rcpt",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"BeforeRcpt",
                              "RCPT",
                              {"", End::kClose},
                              "rcpt",
                              "lost_connection",
                              "RCPT TO:<sentinel@example.org>"},
                    SmtpFault{"InRcpt",
                              "RCPT",
                              {"250-2.1.5 ok\r\n250", End::kClose},
                              "rcpt",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"AfterRcpt",
                              "RCPT",
                              {"250 ok\r\n", End::kClose},
                              "data",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{
                        "BeforeData", "DATA", {"", End::kClose}, "data", "lost_connection", "DATA"},
                    SmtpFault{"InData",
                              "DATA",
                              {"354", End::kClose},
                              "data",
                              "lost_connection",
                              "closed the connection"},
                    SmtpFault{"AfterData",
                              "DATA",
                              {"354 go on\r\n", End::kClose},
                              "accept",
                              "lost_connection",
                              "closed the connection",
                              1},
                    SmtpFault{"BeforeTheAnswerToTheMail",
                              "mail",
                              {"", End::kClose},
                              "accept",
                              "lost_connection",
                              "closed the connection",
                              1},
                    SmtpFault{"InTheAnswerToTheMail",
                              "mail",
                              {"250 2.0.0 O", End::kClose},
                              "accept",
                              "lost_connection",
                              "closed the connection",
                              1}),
    [](const auto &fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(Silence, SubmissionFault,
                         testing::Values(SmtpFault{"AtTheGreeting",
                                                   "greeting",
                                                   {"", End::kSilence},
                                                   "greeting",
                                                   "greeting_timeout",
                                                   "did not answer in time"},
                                         SmtpFault{"InTheGreeting",
                                                   "greeting",
                                                   {"220-we\r\n", End::kSilence},
                                                   "greeting",
                                                   "greeting_timeout",
                                                   "did not answer in time"},
                                         SmtpFault{"AtEhlo",
                                                   "EHLO",
                                                   {"", End::kSilence},
                                                   "ehlo",
                                                   "lost_connection",
                                                   "did not answer in time"},
                                         SmtpFault{"AtMail",
                                                   "MAIL",
                                                   {"", End::kSilence},
                                                   "mail",
                                                   "lost_connection",
                                                   "did not answer in time"},
                                         SmtpFault{"AtRcpt",
                                                   "RCPT",
                                                   {"", End::kSilence},
                                                   "rcpt",
                                                   "lost_connection",
                                                   "did not answer in time"},
                                         SmtpFault{"AtData",
                                                   "DATA",
                                                   {"", End::kSilence},
                                                   "data",
                                                   "lost_connection",
                                                   "did not answer in time"},
                                         SmtpFault{"AfterTheMail",
                                                   "mail",
                                                   {"", End::kSilence},
                                                   "accept",
                                                   "lost_connection",
                                                   "did not answer in time",
                                                   1}),
                         [](const auto &fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(Refusal, SubmissionFault,
                         testing::Values(SmtpFault{"Greeting421",
                                                   "greeting",
                                                   {"421 4.3.2 Too busy\r\n"},
                                                   "greeting",
                                                   "server_error",
                                                   "421 4.3.2 Too busy"},
                                         SmtpFault{"Greeting554",
                                                   "greeting",
                                                   {"554 5.7.1 No service for you\r\n"},
                                                   "greeting",
                                                   "reputation",
                                                   "554 5.7.1 No service for you"},
                                         SmtpFault{"Ehlo421",
                                                   "EHLO",
                                                   {"421 4.7.0 Try later\r\n", End::kClose},
                                                   "ehlo",
                                                   "server_error",
                                                   "421 4.7.0 Try later"},
                                         SmtpFault{"Mail421",
                                                   "MAIL",
                                                   {"421 4.3.2 Shutting down\r\n"},
                                                   "mail",
                                                   "server_error",
                                                   "421 4.3.2 Shutting down"},
                                         SmtpFault{"Mail451",
                                                   "MAIL",
                                                   {"451 4.3.0 Queue file write error\r\n"},
                                                   "mail",
                                                   "server_error",
                                                   "451 4.3.0 Queue file write error"},
                                         SmtpFault{"Mail550",
                                                   "MAIL",
                                                   {"550 5.1.0 Sender not allowed\r\n"},
                                                   "mail",
                                                   "sender_rejected",
                                                   "550 5.1.0 Sender not allowed"},
                                         SmtpFault{"MailWantsAuth",
                                                   "MAIL",
                                                   {"530 5.7.0 Authentication required\r\n"},
                                                   "mail",
                                                   "auth_required",
                                                   "530 5.7.0 Authentication required"},
                                         SmtpFault{"Rcpt450",
                                                   "RCPT",
                                                   {"450 4.2.0 Greylisted, come back later\r\n"},
                                                   "rcpt",
                                                   "greylisted",
                                                   "450 4.2.0 Greylisted"},
                                         SmtpFault{"Rcpt550",
                                                   "RCPT",
                                                   {"550 5.1.1 User unknown\r\n"},
                                                   "rcpt",
                                                   "recipient_rejected",
                                                   "550 5.1.1 User unknown"},
                                         SmtpFault{"Rcpt554",
                                                   "RCPT",
                                                   {"554 5.7.1 Relay access denied\r\n"},
                                                   "rcpt",
                                                   "relay_denied",
                                                   "554 5.7.1 Relay access denied"},
                                         SmtpFault{"Data451",
                                                   "DATA",
                                                   {"451 4.3.2 Not now\r\n"},
                                                   "data",
                                                   "server_error",
                                                   "451 4.3.2 Not now"},
                                         SmtpFault{"Data554",
                                                   "DATA",
                                                   {"554 5.5.1 No valid recipients\r\n"},
                                                   "data",
                                                   "recipient_rejected",
                                                   "554 5.5.1 No valid recipients"},
                                         SmtpFault{"Mail452AfterData",
                                                   "mail",
                                                   {"452 4.3.1 Insufficient system storage\r\n"},
                                                   "accept",
                                                   "server_error",
                                                   "452 4.3.1 Insufficient system storage"},
                                         SmtpFault{"Mail550AfterData",
                                                   "mail",
                                                   {"550 5.7.1 Message contains spam\r\n"},
                                                   "accept",
                                                   "content_rejected",
                                                   "550 5.7.1 Message contains spam"},
                                         SmtpFault{
                                             "SeveralLines",
                                             "RCPT",
                                             {"550-5.7.1 Our system\r\n550 5.7.1 says no\r\n"},
                                             "rcpt",
                                             "reputation",
                                             "550-5.7.1 Our system 550 5.7.1 says no"}),
                         [](const auto &fault) { return fault.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Nonsense, SubmissionFault,
    testing::Values(
        SmtpFault{"NoReplyCode", "MAIL", {"hello\r\n"}, "mail", "lost_connection", "hello"},
        SmtpFault{"ControlCharacters",
                  "MAIL",
                  {"550 \x1b[31m\x07 no\r\n"},
                  "mail",
                  "sender_rejected",
                  "550 ?[31m? no"},
        SmtpFault{"NulBytes",
                  "MAIL",
                  {std::string("550 a\0b\r\n", 9)},
                  "mail",
                  "sender_rejected",
                  "550 a?b"},
        SmtpFault{"LineWithoutEnd",
                  "RCPT",
                  {std::string(100'000, 'x'), End::kSilence},
                  "rcpt",
                  "lost_connection",
                  "talks without end"},
        SmtpFault{"ReplyWithoutEnd",
                  "RCPT",
                  {[] {
                      std::string lines;
                      for (int i = 0; i < 20'000; ++i) {
                          lines += "250-more\r\n";
                      }
                      return lines;
                  }()},
                  "rcpt",
                  "lost_connection",
                  "talks without end"},
        SmtpFault{"AnswerBeforeTheQuestion",
                  "MAIL",
                  {"250 ok\r\n550 5.1.1 no\r\n"},
                  "mail",
                  "lost_connection",
                  "answered more than it was asked: 250 ok 550 5.1.1 no"}),
    [](const auto &fault) { return fault.param.name; });

}  // namespace
}  // namespace mail_relay::roundtrip
