#include "special_agent/loop_run.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/common/dns_server.h"
#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

using test::StoredFolder;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class LoopRun : public LoopTest {};

TEST_F(LoopRun, AProbeIsSentSeenArrivingAndBooked) {
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at("submission", "/ok"), true) << seen.text();
    EXPECT_EQ(seen.word("submission", "/queued_as"), "250 2.0.0 Ok: queued as 4XyZ");
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
    EXPECT_EQ(seen.at("", "/totals/sent"), 1);
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
    EXPECT_EQ(seen.word("", "/completed/0/measured"), "observed");
    EXPECT_LT(seen.at("", "/completed/0/latency_s").to_number<double>(), 3.0);
    EXPECT_EQ(seen.at("deliverability", "/hops/0/by"), "mx.example.org");
    EXPECT_EQ(seen.at("deliverability", "/sending_address/address"), "192.0.2.25");
}

TEST_F(LoopRun, AProbeIsSmallAndSaysWhatItIs) {
    start();
    run();
    ASSERT_THAT(smtp_.mails(), SizeIs(1));
    const auto mail = smtp_.mails().front();
    EXPECT_LT(mail.size(), 2'000U);
    EXPECT_THAT(mail, AllOf(HasSubstr("Auto-Submitted: auto-generated\r\n"),
                            HasSubstr("Subject: Checkmk mail roundtrip lab #1\r\n"),
                            HasSubstr("\r\nMessage-ID: <"), HasSubstr("\r\nProbe: mrp1-1-")));
}

TEST_F(LoopRun, TheIntervalHoldsAcrossRuns) {
    start();
    run();
    run();
    run();
    EXPECT_THAT(smtp_.mails(), SizeIs(1));
    EXPECT_EQ(imap_.connections(), 3);
    let_the_interval_pass();
    const auto seen = run();
    EXPECT_THAT(smtp_.mails(), SizeIs(2));
    EXPECT_EQ(seen.at("", "/totals/completed"), 2);
}

TEST_F(LoopRun, WhatIsNotThereYetIsOutstanding) {
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(100);
    start();
    run();
    clock_shift_ms_ += 60'000;
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/outstanding/probes"), 1) << seen.text();
    EXPECT_NEAR(seen.at("", "/outstanding/oldest_age_s").to_number<double>(), 60.0, 5.0);
    EXPECT_EQ(seen.at("", "/totals/lost"), 0);
}

TEST_F(LoopRun, WhatNeverComesIsLostUntilALaterProbeArrives) {
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(0);
    start();
    run();
    clock_shift_ms_ += loop_.lost_after.count() + 1'000;
    auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/lost"), 1) << seen.text();
    EXPECT_EQ(seen.at("", "/lost/open"), 1);
    EXPECT_EQ(seen.word("continuity", "/internal/0/state"), "failing");

    imap_.add("INBOX", received(smtp_.mails().at(1)));
    seen = run();
    EXPECT_EQ(seen.at("", "/lost/open"), 0) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/lost"), 1);
    EXPECT_EQ(seen.word("continuity", "/internal/0/state"), "ok");

    // It comes after all: not lost, but late.
    imap_.add("INBOX", received(smtp_.mails().at(0)));
    seen = run();
    EXPECT_EQ(seen.at("", "/totals/lost"), 0) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/late"), 1);
    EXPECT_EQ(seen.at("", "/last_arrival/late"), true);
}

TEST_F(LoopRun, AMailDeliveredTwiceIsADuplicate) {
    smtp_.deliver = [this](const std::string &mail) {
        imap_.add("INBOX", received(mail));
        imap_.add("INBOX", received(mail));
    };
    start();
    run();
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/duplicates"), 1);
}

TEST_F(LoopRun, AMailThatAMoveSortsIntoJunkIsNoDuplicate) {
    start();
    run();
    const auto mail = smtp_.mails().front();
    const auto date = imap_.with_folder("INBOX", [](StoredFolder &inbox) {
        const auto internal_date = inbox.mails.back().internal_date;
        inbox.mails.clear();
        return internal_date;
    });
    imap_.add("Junk", received(mail), date);
    const auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/duplicates"), 0);
}

TEST_F(LoopRun, AnArrivalBetweenRunsIsTimedByTheMailboxAndCorrected) {
    start();
    // Seen arriving: the mailbox's clock turns out to be ten minutes ahead.
    smtp_.deliver = [this](const std::string &mail) {
        imap_.add("INBOX", received(mail), context_.clock_ms() / 1000 + 600);
    };
    run();
    EXPECT_NEAR(*report_.state.clock_offset_s, 600.0, 1.5);
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(0);
    let_the_interval_pass();
    run();
    imap_.add("INBOX", received(smtp_.mails().at(1)), context_.clock_ms() / 1000 + 600 + 20);
    clock_shift_ms_ += 60'000;
    const auto seen = run();
    EXPECT_EQ(seen.word("", "/last_arrival/measured"), "internaldate") << seen.text();
    EXPECT_NEAR(seen.at("", "/last_arrival/latency_s").to_number<double>(), 20.0, 3.0);
}

TEST_F(LoopRun, ASlowSubmissionDoesNotBlurTheClockDifference) {
    // Another probe of ours came at some time while this one was being sent.
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(0);
    start();
    run();
    loop_.wait = Milliseconds(300);
    smtp_.deliver = [this](const std::string &) {
        imap_.add("INBOX", received(smtp_.mails().at(0)), real_ms() / 1000 + 5'000);
        std::this_thread::sleep_for(std::chrono::milliseconds(1'200));
    };
    let_the_interval_pass();
    const auto seen = run();
    EXPECT_EQ(seen.word("", "/last_arrival/measured"), "internaldate") << seen.text();
    EXPECT_FALSE(report_.state.clock_offset_s);
}

class ClockJump : public LoopTest, public testing::WithParamInterface<std::int64_t> {};

TEST_P(ClockJump, StopsNothingAndLosesNothing) {
    start();
    run();
    clock_shift_ms_ += GetParam() * 3'600'000;
    auto seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 2) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/lost"), 0);
    EXPECT_GE(seen.at("", "/last_arrival/latency_s").to_number<double>(), 0.0);
    EXPECT_LT(seen.at("", "/last_arrival/latency_s").to_number<double>(), 10.0);
    // And back.
    clock_shift_ms_ -= GetParam() * 3'600'000;
    let_the_interval_pass();
    seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 3) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/lost"), 0);
    EXPECT_EQ(seen.at("", "/outstanding/probes"), 0);
}

TEST_P(ClockJump, DuringARunIsNotTakenForTheTimeThatAMailTook) {
    smtp_.deliver = [this](const std::string &mail) {
        clock_shift_ms_ += GetParam() * 3'600'000;
        imap_.add("INBOX", received(mail), context_.clock_ms() / 1000);
    };
    start();
    auto seen = run();
    EXPECT_EQ(seen.word("", "/last_arrival/measured"), "observed") << seen.text();
    const double latency_s = seen.at("", "/last_arrival/latency_s").to_number<double>();
    EXPECT_GT(latency_s, 0.0);
    EXPECT_LT(latency_s, 10.0);
    let_the_interval_pass();
    seen = run();
    EXPECT_EQ(seen.at("", "/totals/completed"), 2) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/lost"), 0);
}

INSTANTIATE_TEST_SUITE_P(Hours, ClockJump, testing::Values(-9, 9),
                         [](const auto &hours) { return hours.param < 0 ? "Back" : "Ahead"; });

TEST_F(LoopRun, ADamagedStateIsSetAsideAndTheRunGoesOn) {
    start();
    run();
    std::ofstream(directory_ / "lab.json") << R"({"version":1,"ledger":{)";
    const auto seen = run();
    EXPECT_THAT(seen.word("", "/state_problem"), HasSubstr("set aside as")) << seen.text();
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
    EXPECT_TRUE(std::filesystem::exists(directory_ / "lab.json.damaged"));
    EXPECT_EQ(run().at("", "/state_problem"), boost::json::value());
}

TEST_F(LoopRun, AStateThatCannotBeKeptSendsAndDeletesNothing) {
    loop_.mailbox.delete_probes = true;
    start();
    smtp_.deliver = nullptr;
    loop_.wait = Milliseconds(0);
    run();
    imap_.add("INBOX", received(smtp_.mails().at(0)));
    let_the_interval_pass();
    // What a full disk does: the state can be read and not be written.
    std::filesystem::create_directory(directory_ / "elsewhere");
    std::filesystem::copy(directory_ / "lab.json", directory_ / "elsewhere" / "lab.json");
    context_.state_directory = directory_ / "elsewhere";
    const auto limit = std::filesystem::file_size(directory_ / "lab.json") / 2;
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{limit, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const auto seen = run();
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_THAT(seen.word("", "/state_problem"), HasSubstr("cannot write")) << seen.text();
    EXPECT_THAT(smtp_.mails(), SizeIs(1));
    EXPECT_EQ(imap_.mails("INBOX"), 1U);
    EXPECT_EQ(seen.at("", "/totals/completed"), 1);
    EXPECT_THAT(seen.word("", "/problems"),
                AllOf(HasSubstr("no probe was sent"), HasSubstr("nothing was deleted")));
}

TEST_F(LoopRun, ARunThatFindsAnotherOneAtWorkTellsWhatThatOneKnew) {
    start();
    run();
    const auto other =
        StateFile::lock(directory_.string(), loop_.name, Deadline::in(Milliseconds(1'000)));
    ASSERT_TRUE(other);
    let_the_interval_pass();
    const auto seen = run(Milliseconds(600));
    EXPECT_THAT(seen.word("", "/state_problem"), HasSubstr("another run still holds it"));
    EXPECT_EQ(seen.at("", "/totals/completed"), 1) << seen.text();
    EXPECT_THAT(smtp_.mails(), SizeIs(1));
}

TEST_F(LoopRun, TwoProcessesAtOnceNeitherSendTwiceNorLoseAnEntry) {
    start();
    for (int round = 0; round < 5; ++round) {
        std::array<pid_t, 2> children{};
        for (auto &child : children) {
            child = ::fork();
            if (child == 0) {
                (void)run_loop(loop_, secrets_, context_, Deadline::in(Milliseconds(20'000)));
                std::_Exit(0);
            }
        }
        for (const auto child : children) {
            ::waitpid(child, nullptr, 0);
        }
        let_the_interval_pass();
    }
    clock_shift_ms_ -= loop_.interval.count();
    const auto seen = run();
    EXPECT_THAT(smtp_.mails(), SizeIs(5));
    EXPECT_EQ(seen.at("", "/totals/sent"), 5) << seen.text();
    EXPECT_EQ(seen.at("", "/totals/completed"), 5);
    EXPECT_EQ(seen.at("", "/totals/duplicates"), 0);
}

class OpenRelay : public LoopTest {
  protected:
    OpenRelay() { loop_.submission.open_relay = RelayQuestion{"a@foreign.test", "b@foreign.test"}; }
};

TEST_F(OpenRelay, IsAskedForByRcptAndNeverByData) {
    loop_.submission.login = Login{};
    loop_.submission.login->user = "sentinel";
    loop_.submission.login->secret = "password";
    smtp_.ehlo = "250-mail.example.org\r\n250 AUTH PLAIN\r\n";
    start();
    const auto seen = run();
    EXPECT_EQ(seen.word("submission", "/open_relay/answer"), "accepted") << seen.text();
    const auto heard = smtp_.heard_until("RSET");
    const auto question = std::find(heard.begin(), heard.end(), "MAIL FROM:<a@foreign.test>");
    ASSERT_NE(question, heard.end());
    const std::vector<std::string> rest(question, heard.end());
    EXPECT_EQ(rest.at(1), "RCPT TO:<b@foreign.test>");
    EXPECT_EQ(rest.at(2), "RSET");
    EXPECT_THAT(rest, Each(Not(HasSubstr("DATA"))));
    EXPECT_EQ(std::count_if(heard.begin(), heard.end(),
                            [](const auto &line) { return line.starts_with("AUTH"); }),
              1);
}

TEST_F(OpenRelay, IsNotOneThatRefuses) {
    smtp_.twists["RCPT"] = {"554 5.7.1 Relay access denied\r\n"};
    start();
    const auto seen = run();
    EXPECT_EQ(seen.word("submission", "/open_relay/answer"), "refused") << seen.text();
    EXPECT_EQ(seen.word("submission", "/open_relay/reply"), "554 5.7.1 Relay access denied");
    EXPECT_EQ(seen.word("submission", "/open_relay/step"), "rcpt");
}

TEST_F(OpenRelay, IsUnknownWhenTheServerPutsUsOff) {
    smtp_.twists["MAIL"] = {"451 4.7.1 Greylisted\r\n"};
    start();
    EXPECT_EQ(run().word("submission", "/open_relay/answer"), "unknown");
}

TEST_F(LoopRun, TheSendersReputationIsAskedFor) {
    test::DnsServer dns;
    dns.add("25.113.0.203.in-addr.arpa", test::DnsServer::kPtr,
            test::DnsServer::wire_name("relay.example.org"));
    dns.add_a("relay.example.org", "203.0.113.25");
    dns.add_a("25.113.0.203.listed.test", "127.0.0.4");
    dns.add("25.113.0.203.listed.test", test::DnsServer::kTxt, "\x0bspam source");
    dns.add_a("25.113.0.203.refusing.test", "127.255.255.254");
    dns.set_code("25.113.0.203.broken.test", 2);
    // What a search domain would have said.
    dns.add_a("25.113.0.203.clean.test.site.test", "127.0.0.2");
    dns.start();
    context_.dns.use_dns = true;
    context_.dns.resolv_conf = context_.state_directory + "/resolv.conf";
    std::ofstream(context_.dns.resolv_conf) << "search site.test\n";
    context_.dns.servers = {dns.address()};
    loop_.block_lists = {"listed.test", "clean.test", "refusing.test", "broken.test"};
    smtp_.deliver = [this](const std::string &mail) {
        imap_.add("INBOX",
                  "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.org;\r\n"
                  "\tdkim=fail (body hash) header.d=example.org; dmarc=none\r\n"
                  "Received: from relay.example.org (relay.example.org [203.0.113.25])\r\n"
                  "\tby mx.example.org with ESMTPS; Sat, 21 Nov 2026 09:02:05 +0000\r\n" +
                      mail);
    };
    start();
    const auto seen = run();
    EXPECT_EQ(seen.word("deliverability", "/sending_address/reverse_name"), "relay.example.org")
        << seen.text();
    EXPECT_EQ(seen.at("deliverability", "/sending_address/forward_confirmed"), true);
    EXPECT_EQ(seen.word("deliverability", "/block_lists/0/answer"), "listed");
    EXPECT_EQ(seen.word("deliverability", "/block_lists/0/text"), "spam source");
    EXPECT_EQ(seen.word("deliverability", "/block_lists/1/answer"), "not_listed");
    EXPECT_EQ(seen.word("deliverability", "/block_lists/2/answer"), "unknown");
    EXPECT_EQ(seen.word("deliverability", "/block_lists/3/answer"), "unknown");
    EXPECT_EQ(seen.word("deliverability", "/authentication/spf/result"), "pass");
    EXPECT_EQ(seen.word("deliverability", "/authentication/dkim/result"), "fail");
}

}  // namespace
}  // namespace mail_relay::roundtrip
