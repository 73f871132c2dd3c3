#include "agent_plugin/delivery_tally.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795255325;  // 2026-11-21T10:02:05Z

class DeliveryTallyTest : public testing::Test {
  protected:
    DeliveryTallyTest() {
        scope_.syslog_names = {"postfix"};
        scope_.relayhosts = {"localhost"};
        scope_.sites = {{"mysite", 999}};
        scope_.own_domains = {"monitor.lab.test"};
    }

    /// Lines one second apart, the last one at kNow.
    DeliveryRecord &read(const std::vector<std::string> &texts) {
        std::string lines;
        for (const std::string &text : texts) {
            lines += "2026-11-21T10:02:05Z host postfix/" + text + "\n";
        }
        return read_lines(lines);
    }

    DeliveryRecord &read_lines(const std::string &lines) {
        DeliveryTally tally(record_, scope_, kNow);
        tally.take(lines);
        unknown_ += tally.unknown_lines();
        return record_;
    }

    static std::string attempt(const std::string &id, const std::string &status,
                               const std::string &reason, const std::string &dsn = "4.0.0",
                               const std::string &relay = "smtp.example.org[192.0.2.1]:587") {
        return "smtp[1]: " + id + ": to=<bob@lab.test>, relay=" + relay +
               ", delay=1, delays=0.1/0/0.2/0.7, dsn=" + dsn + ", status=" + status + " (" +
               reason + ")";
    }

    const ClassRecord &of_class(FailureClass failure) const {
        return record_.classes.at(static_cast<std::size_t>(failure));
    }
    const WarningRecord &of_kind(WarningKind kind) const {
        return record_.warnings.at(static_cast<std::size_t>(kind));
    }

    LogScope scope_;
    DeliveryRecord record_;
    std::uint64_t unknown_ = 0;
};

TEST_F(DeliveryTallyTest, CountsWhatBecameOfRecipients) {
    read({attempt("AAAAAA1", "sent", "250 ok", "2.0.0"),
          attempt("AAAAAA2", "deferred", "connect to mx.test[192.0.2.1]:25: Connection timed out",
                  "4.4.1", "none"),
          attempt("AAAAAA3", "bounced", "host x[192.0.2.1] said: 550 5.1.1 User unknown", "5.1.1"),
          attempt("AAAAAA4", "undeliverable", "x"), "qmgr[2]: AAAAAA1: removed"});
    EXPECT_EQ(record_.totals.sent, 1U);
    EXPECT_EQ(record_.totals.deferred, 1U);
    EXPECT_EQ(record_.totals.bounced, 1U);
    EXPECT_EQ(record_.other, 1U);
    EXPECT_EQ(record_.removed, 1U);
    EXPECT_EQ(record_.relayed, 1U);
    EXPECT_EQ(of_class(FailureClass::kTimeout).counts.deferred, 1U);
    EXPECT_EQ(of_class(FailureClass::kRecipientRejected).counts.bounced, 1U);
    ASSERT_EQ(record_.relays.size(), 2U);
    EXPECT_EQ(record_.relays[0].name, "smtp.example.org:587");
    EXPECT_EQ(record_.relays[0].counts.sent, 1U);
    EXPECT_EQ(record_.relays[1].name, "none");
    EXPECT_EQ(record_.relayed_hours.last_day(kNow), 1U);
    EXPECT_EQ(record_.delays[3].sum_ms, 700U);
    EXPECT_EQ(record_.last_sent_id, "AAAAAA1");
    EXPECT_EQ(unknown_, 0U);
}

struct ExactLine {
    const char *name;
    const char *reason;
    const char *dsn;
    FailureClass failure;
};

class ExactLines : public DeliveryTallyTest, public testing::WithParamInterface<ExactLine> {};

TEST_P(ExactLines, HasItsClass) {
    read({attempt("AAAAAA1", "deferred", GetParam().reason, GetParam().dsn)});
    EXPECT_EQ(of_class(GetParam().failure).counts.deferred, 1U)
        << failure_class_name(record_.last_failure.failure);
}

INSTANTIATE_TEST_SUITE_P(
    Postfix, ExactLines,
    testing::Values(
        ExactLine{"no_plugin",
                  "SASL authentication failed; cannot authenticate to server localhost[::1]: no "
                  "mechanism available",
                  "4.7.0", FailureClass::kSaslNoMechanism},
        ExactLine{"no_common_mechanism",
                  "SASL authentication failed: server localhost[127.0.0.1] offered no compatible "
                  "authentication mechanisms for this type of connection security",
                  "4.7.0", FailureClass::kSaslMechanismMismatch},
        ExactLine{"wrong_password",
                  "SASL authentication failed; server localhost[::1] said: 535 5.7.8 Error: "
                  "authentication failed: (reason unavailable)",
                  "4.7.8", FailureClass::kAuthFailed},
        ExactLine{"app_password",
                  "SASL authentication failed; server smtp.gmail.com[192.0.2.1] said: 534-5.7.9 "
                  "Application-specific password required.",
                  "4.7.9", FailureClass::kAppPasswordRequired},
        ExactLine{"refused", "connect to localhost[127.0.0.1]:2599: Connection refused", "4.4.1",
                  FailureClass::kRefused},
        ExactLine{"timeout", "connect to 127.0.0.1[127.0.0.1]:2598: Connection timed out", "4.4.1",
                  FailureClass::kTimeout},
        ExactLine{"no_ipv6", "connect to v6only.lab.test[2001:db8::1]:2587: Network is unreachable",
                  "4.4.1", FailureClass::kUnreachableIpv6},
        ExactLine{"certificate", "Server certificate not verified", "4.7.5",
                  FailureClass::kTlsVerify},
        ExactLine{"map", "local data error while talking to localhost[::1]", "4.3.0",
                  FailureClass::kLocalDataError},
        ExactLine{"no_starttls",
                  "TLS is required, but was not offered by host 127.0.0.1[127.0.0.1]", "4.7.4",
                  FailureClass::kTlsNotOffered},
        ExactLine{"no_greeting",
                  "conversation with 127.0.0.1[127.0.0.1] timed out while receiving the initial "
                  "server greeting",
                  "4.4.2", FailureClass::kGreetingTimeout},
        ExactLine{"no_such_name",
                  "Host or domain name not found. Name service error for name=nosuch.lab.test "
                  "type=AAAA: Host not found",
                  "4.3.5", FailureClass::kResolve},
        ExactLine{"dns_dead",
                  "unable to look up host nosuch.lab.test: Temporary failure in name "
                  "resolution",
                  "4.4.4", FailureClass::kResolve}),
    [](const auto &test) { return std::string(test.param.name); });

TEST_F(DeliveryTallyTest, CountsWarningsByKind) {
    read(
        {"smtp[1]: warning: SASL authentication failure: No worthy mechs found",
         "smtp[1]: warning: localhost[::1]:2587 offered no supported AUTH mechanisms: 'CRAM-MD5'",
         "smtp[1]: connect to localhost[::1]:2599: Connection refused",
         "smtp[1]: certificate verification failed for localhost[::1]:2587: untrusted issuer /CN=L",
         "smtp[1]: error: open database /etc/postfix/sasl_passwd.db: No such file or directory",
         "smtp[1]: error: unsupported dictionary type: lmdb",
         "smtp[1]: warning: relayhost configuration problem",
         "master[1]: warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling",
         "qmgr[1]: warning: file system clock is 120 seconds ahead of local clock",
         "smtp[1]: warning: TLS policy lookup error for a/b: x",
         "smtpd[1]: warning: hostname x.test does not resolve to address 192.0.2.1",
         "smtpd[1]: warning: connect to Milter service inet:127.0.0.1:8891: Connection refused",
         "smtpd[1]: fatal: no SASL authentication mechanisms", "smtp[1]: panic: x",
         "cleanup[1]: warning: something else", "smtpd[1]: connect to strangers is no warning"});
    for (const auto &[kind, count] :
         std::vector<std::pair<WarningKind, std::uint64_t>>{{WarningKind::kSasl, 3},
                                                            {WarningKind::kConnect, 1},
                                                            {WarningKind::kTls, 1},
                                                            {WarningKind::kMap, 2},
                                                            {WarningKind::kConfiguration, 1},
                                                            {WarningKind::kThrottling, 1},
                                                            {WarningKind::kClock, 1},
                                                            {WarningKind::kPolicy, 1},
                                                            {WarningKind::kSmtpd, 1},
                                                            {WarningKind::kMilter, 1},
                                                            {WarningKind::kPanic, 1},
                                                            {WarningKind::kOther, 1},
                                                            {WarningKind::kFatal, 0}}) {
        EXPECT_EQ(of_kind(kind).count, count) << warning_kind_name(kind);
    }
}

TEST_F(DeliveryTallyTest, ForgedTextsCountForNothing) {
    const std::string forged =
        "AAAAAA2: to=<a@b>, relay=x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent "
        "(ok)";
    const std::string quoted =
        "smtp[1]: AAAAAA1: to=<\"x>, relay=x, delay=1, dsn=2.0.0, status=sent (\"@b>, relay=none, "
        "delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (x)";
    const std::string offered =
        "smtp[1]: warning: host x[192.0.2.1] offered: /sbin/smtpd: bad command startup -- "
        "throttling";
    read(
        {attempt("AAAAAA1", "deferred", "host x[192.0.2.1] said: 450 " + forged),
         attempt("AAAAAA1", "deferred", ") 2026-11-21T10:02:05Z h postfix/smtp[1]: " + forged),
         quoted, "cleanup[1]: AAAAAA1: message-id=<" + forged + ">", "cleanup[1]: " + forged,
         "smtpd[1]: " + forged,
         "cleanup[1]: AAAAAA1: warning: header Subject: " + forged + " from x[192.0.2.1]; from=<a>",
         offered, "smtp[1]: warning: x[192.0.2.1] said file system clock is 99 seconds ahead"});
    EXPECT_EQ(record_.totals.sent, 0U);
    EXPECT_EQ(record_.totals.deferred, 3U);
    EXPECT_EQ(of_kind(WarningKind::kThrottling).count, 0U);
    EXPECT_EQ(of_kind(WarningKind::kClock).count, 0U);
    EXPECT_TRUE(record_.throttled.empty());
}

TEST_F(DeliveryTallyTest, RepetitionsThatWereMergedCountSeverally) {
    read({"smtp[1]: warning: relayhost configuration problem",
          "smtp[1]: message repeated 41 times: [ warning: relayhost configuration problem]",
          "smtp[1]: message repeated x times: [ warning: relayhost configuration problem]"});
    EXPECT_EQ(of_kind(WarningKind::kConfiguration).count, 42U);
}

TEST_F(DeliveryTallyTest, ABounceThatIsMadeSoftIsDeferred) {
    read({attempt("AAAAAA1", "SOFTBOUNCE", "host x[192.0.2.1] said: 550 5.1.1 User unknown",
                  "4.1.1")});
    EXPECT_EQ(record_.totals.deferred, 1U);
    EXPECT_TRUE(record_.losses.empty());
    EXPECT_EQ(record_.last_failure.status, "deferred");
}

TEST_F(DeliveryTallyTest, MessagesAreCountedOnceWhateverTheirRecipients) {
    read({attempt("AAAAAA1", "sent", "ok", "2.0.0"), attempt("AAAAAA2", "sent", "ok", "2.0.0"),
          attempt("AAAAAA1", "sent", "ok", "2.0.0")});
    EXPECT_EQ(record_.relayed, 3U);
    EXPECT_EQ(record_.relayed_messages, 2U);
    EXPECT_EQ(record_.relayed_message_hours.last_day(kNow), 2U);
}

TEST_F(DeliveryTallyTest, LinesOfOthersCountForNothing) {
    read_lines(
        "2026-11-21T10:02:05Z host postfix-out/smtp[1]: AAAAAA1: to=<a@b>, relay=none, "
        "delay=1, dsn=2.0.0, status=sent (x)\n"
        "2026-11-21T10:02:05Z host sshd[1]: AAAAAA1: to=<a@b>, relay=none, delay=1, "
        "dsn=2.0.0, status=sent (x)\n"
        "status=sent (x)\n");
    EXPECT_EQ(record_.totals.sent, 0U);
    EXPECT_EQ(unknown_, 1U);
}

TEST_F(DeliveryTallyTest, AnExpiredMessageIsLostForTheReasonOfItsLastAttempt) {
    read({attempt("AAAAAA1", "deferred", "connect to x[192.0.2.1]:25: Connection timed out",
                  "4.4.1", "none"),
          "qmgr[1]: AAAAAA1: from=<a@b>, status=expired, returned to sender"});
    EXPECT_EQ(record_.totals.expired, 1U);
    EXPECT_EQ(of_class(FailureClass::kTimeout).lost.last_day(kNow), 1U);
    ASSERT_EQ(record_.losses.size(), 1U);
    EXPECT_EQ(record_.losses[0].status, "expired");
    EXPECT_THAT(record_.losses[0].text, testing::HasSubstr("timed out"));
}

TEST_F(DeliveryTallyTest, ANotificationThatBouncesIsADoubleBounceAndNoSecondLoss) {
    read({attempt("AAAAAA1", "bounced", "host x[192.0.2.1] said: 530 5.7.0 Authentication required",
                  "5.7.0"),
          "bounce[1]: AAAAAA1: sender non-delivery notification: BBBBBB1",
          "qmgr[1]: AAAAAA1: removed",
          attempt("BBBBBB1", "bounced", "host x[192.0.2.1] said: 530 5.7.0 Authentication required",
                  "5.7.0"),
          "qmgr[1]: BBBBBB1: removed"});
    const ClassRecord &auth = of_class(FailureClass::kAuthRequired);
    EXPECT_EQ(record_.bounces_sent, 1U);
    EXPECT_EQ(record_.double_bounces, 1U);
    EXPECT_EQ(auth.lost.last_day(kNow), 1U);
    EXPECT_EQ(auth.unnotified.last_day(kNow), 1U);
    EXPECT_TRUE(record_.notifications.empty());
}

TEST_F(DeliveryTallyTest, ANoticeIsKnownByItsMissingSenderWhateverTheOrderOfLines) {
    const std::string reason = "host x[192.0.2.1] said: 554 5.7.1 Client host rejected";
    read({attempt("AAAAAA1", "bounced", reason, "5.7.1"),
          "qmgr[1]: BBBBBB1: from=<>, size=1, nrcpt=1 (queue active)",
          attempt("BBBBBB1", "bounced", reason, "5.7.1"),
          "bounce[1]: AAAAAA1: sender non-delivery notification: BBBBBB1"});
    EXPECT_EQ(record_.double_bounces, 1U);
    EXPECT_EQ(record_.losses.size(), 1U);
}

TEST_F(DeliveryTallyTest, ANameThatInstancesShareCountsForTheMessagesOfThisOne) {
    scope_.syslog_names = {"postfix-out", "postfix/relay"};
    scope_.shared_names = {"postfix/relay"};
    const std::string rest =
        ": to=<a@b>, relay=x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\n";
    read_lines(
        "2026-11-21T10:02:05Z h postfix-out/qmgr[1]: AAAAAA1: from=<x@y>, size=1, nrcpt=1 (queue "
        "active)\n"
        "2026-11-21T10:02:05Z h postfix/relay/smtp[1]: AAAAAA1" +
        rest + "2026-11-21T10:02:05Z h postfix/relay/smtp[1]: BBBBBB1" + rest +
        "2026-11-21T10:02:05Z h postfix/relay/smtp[1]: warning: relayhost configuration problem\n");
    EXPECT_EQ(record_.totals.sent, 1U);
    EXPECT_EQ(of_kind(WarningKind::kConfiguration).count, 0U);
}

TEST_F(DeliveryTallyTest, AFailureHasRecoveredOnceItsRelayTakesMail) {
    const std::string failed =
        attempt("AAAAAA1", "deferred",
                "SASL authentication failed; server smtp.example.org[192.0.2.1] said: 535 5.7.8 no",
                "4.7.8");
    read({failed});
    EXPECT_FALSE(has_recovered(record_, FailureClass::kAuthFailed));
    read({attempt("AAAAAA2", "sent", "ok", "2.0.0", "other.example.org[192.0.2.9]:25")});
    EXPECT_FALSE(has_recovered(record_, FailureClass::kAuthFailed));
    read({attempt("AAAAAA1", "sent", "ok", "2.0.0")});
    EXPECT_TRUE(has_recovered(record_, FailureClass::kAuthFailed));
    read({failed});
    EXPECT_FALSE(has_recovered(record_, FailureClass::kAuthFailed));
}

TEST_F(DeliveryTallyTest, ARefusedSenderRecoversByMailOfThatSenderAlone) {
    const std::string refused =
        "host smtp.example.org[192.0.2.1] said: 550 5.7.60 SMTP; Client "
        "does not have permissions to send as this sender (in reply to "
        "MAIL FROM command)";
    read({"qmgr[1]: AAAAAA1: from=<app@host.test>, size=1, nrcpt=1 (queue active)",
          attempt("AAAAAA1", "bounced", refused, "5.7.60"),
          "qmgr[1]: AAAAAA2: from=<other@host.test>, size=1, nrcpt=1 (queue active)",
          attempt("AAAAAA2", "sent", "ok", "2.0.0")});
    EXPECT_FALSE(has_recovered(record_, FailureClass::kSenderRejected));
    read({"qmgr[1]: AAAAAA3: from=<app@host.test>, size=1, nrcpt=1 (queue active)",
          attempt("AAAAAA3", "sent", "ok", "2.0.0")});
    EXPECT_TRUE(has_recovered(record_, FailureClass::kSenderRejected));
}

TEST_F(DeliveryTallyTest, AThrottledDaemonRecoversWhenMasterStartsAnew) {
    read({"smtpd[7]: fatal: no SASL authentication mechanisms",
          "master[1]: warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"});
    ASSERT_EQ(record_.throttled.size(), 1U);
    EXPECT_EQ(record_.throttled[0].name, "smtpd");
    EXPECT_EQ(record_.throttled[0].fatal, "no SASL authentication mechanisms");
    read({"smtpd[8]: connect from x[192.0.2.1]"});
    EXPECT_FALSE(record_.throttled[0].recovered) << "another service of the same program";
    read({"master[2]: daemon started -- version 3.7.11, configuration /etc/postfix"});
    EXPECT_TRUE(record_.throttled[0].recovered);
}

TEST_F(DeliveryTallyTest, FollowsMailOfASiteByUserAndBySender) {
    read({"pickup[1]: AAAAAA1: uid=999 from=<alarm@example.org>",
          attempt("AAAAAA1", "sent", "ok", "2.0.0"), "qmgr[1]: AAAAAA1: removed",
          "qmgr[1]: AAAAAA2: from=<mysite@monitor.lab.test>, size=1, nrcpt=1 (queue active)",
          attempt("AAAAAA2", "bounced", "host x[192.0.2.1] said: 550 5.1.1 User unknown", "5.1.1"),
          "qmgr[1]: AAAAAA3: from=<mysite@elsewhere.test>, size=1, nrcpt=1 (queue active)",
          attempt("AAAAAA3", "sent", "ok", "2.0.0"), "pickup[1]: AAAAAA4: uid=1000 from=<other>",
          attempt("AAAAAA4", "sent", "ok", "2.0.0")});
    const SiteMail &site = record_.sites.at("mysite");
    EXPECT_EQ(site.counts.sent, 1U);
    EXPECT_EQ(site.counts.bounced, 1U);
    EXPECT_EQ(site.last_lost.queue_id, "AAAAAA2");
    EXPECT_THAT(record_.site_messages, testing::SizeIs(1)) << "AAAAAA1 has left the queue";
}

TEST_F(DeliveryTallyTest, ALoopbackAddressIsARelayOnlyIfItIsTheRelayhost) {
    read({attempt("AAAAAA1", "sent", "ok", "2.0.0", "127.0.0.1[127.0.0.1]:10024"),
          attempt("AAAAAA2", "sent", "ok", "2.0.0", "localhost[::1]:2587")});
    EXPECT_EQ(record_.totals.sent, 2U);
    EXPECT_EQ(record_.relayed, 1U);
}

TEST_F(DeliveryTallyTest, MemoryIsBounded) {
    for (int i = 0; i < 3000; ++i) {
        const int n = 1000000 + i;
        read({attempt(fmt::format("A{}", n), "bounced", fmt::format("reason {}", n), "5.0.0",
                      fmt::format("mx{}.test[192.0.2.1]:25", n)),
              fmt::format("bounce[1]: A{}: sender non-delivery notification: B{}", n, n),
              fmt::format("pickup[1]: C{}: uid=999 from=<x>", n),
              fmt::format("master[1]: warning: /sbin/d{}: bad command startup -- throttling", n)});
    }
    EXPECT_LE(record_.relays.size(), DeliveryRecord::kMostRelays);
    EXPECT_EQ(record_.relays.back().name, "other");
    EXPECT_LE(record_.notifications.size(), DeliveryRecord::kMostNotifications);
    EXPECT_LE(record_.losses.size(), DeliveryRecord::kMostSamples);
    EXPECT_LE(record_.throttled.size(), 16U);
    EXPECT_LE(record_.site_messages.size(), DeliveryRecord::kMostSiteMessages);
}

TEST_F(DeliveryTallyTest, RelaysThatAreNoLongerUsedMakeRoomAndNothingIsUncounted) {
    for (int i = 0; i < 30; ++i) {
        read({attempt("AAAAAA1", "sent", "ok", "2.0.0",
                      "mx" + std::to_string(i) + ".test[192.0.2.1]:25")});
    }
    ASSERT_EQ(record_.relays.size(), DeliveryRecord::kMostRelays);
    for (RelayRecord &row : record_.relays) {
        row.last_used -= std::int64_t{8} * 86400;
    }
    read({attempt("AAAAAA1", "sent", "ok", "2.0.0", "new.test[192.0.2.1]:25"),
          attempt("AAAAAA1", "sent", "ok", "2.0.0", "localhost[127.0.0.1]:2587")});
    ASSERT_EQ(record_.relays.size(), 3U);
    EXPECT_EQ(record_.relays[0].name, "other");
    EXPECT_EQ(record_.relays[0].counts.sent, 30U);
    EXPECT_EQ(record_.relays[1].name, "new.test:25");
    EXPECT_EQ(record_.relays[2].name, "localhost:2587");
}

TEST_F(DeliveryTallyTest, ADaemonThatWorksWhenItWouldHaveBeenThrottledAgainHasRecovered) {
    read({"smtpd[7]: fatal: x",
          "master[1]: warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"});
    record_.throttled[0].last -= 61;
    read({"cleanup[9]: AAAAAA1: message-id=<x>"});
    EXPECT_FALSE(record_.throttled[0].recovered);
    read({"smtpd[8]: connect from x[192.0.2.1]"});
    EXPECT_TRUE(record_.throttled[0].recovered);
}

TEST(HourlyCounts, ForgetsWhatIsOlderThanADay) {
    HourlyCounts counts;
    constexpr std::int64_t kHour_s = 3600;
    counts.add(kNow - 23 * kHour_s, 5);
    counts.add(kNow, 2);
    EXPECT_EQ(counts.last_day(kNow), 7U);
    EXPECT_EQ(counts.last_day(kNow + 3 * kHour_s), 2U);
    EXPECT_EQ(counts.last_day(kNow + 30 * kHour_s), 0U);
    counts.add(kNow - 100 * kHour_s, 9);
    EXPECT_EQ(counts.last_day(kNow), 7U) << "older than what its place holds now";
}

}  // namespace
}  // namespace mail_relay
