#include "agent_plugin/diagnose_deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "agent_plugin/delivery_tally.h"
#include "agent_plugin/render_deliveries.h"

namespace mail_relay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kNow = 1795255325;  // 2026-11-21T10:02:05Z

class DiagnoseDeliveriesTest : public testing::Test {
  protected:
    DiagnoseDeliveriesTest() {
        facts_.source = {LogSource::Kind::kFile, "/var/log/mail.log"};
        configuration_.parameters = {{"relayhost", "[smtp.example.org]:587"},
                                     {"smtp_sasl_password_maps", "hash:/etc/postfix/sasl_passwd"},
                                     {"syslog_name", "postfix"}};
        instance_.name = "postfix";
        instance_.config_directory = "/etc/postfix";
    }

    void log(const std::vector<std::string> &texts) {
        LogScope scope;
        scope.syslog_names = {"postfix"};
        DeliveryTally tally(facts_.record, scope, kNow);
        facts_.record.counters_since = kNow;
        for (const std::string &text : texts) {
            tally.take("2026-11-21T10:02:05Z h postfix/" + text + "\n");
        }
    }

    static std::string attempt(const std::string &status, const std::string &reason,
                               const std::string &dsn, const std::string &id = "AAAAAA1") {
        return "smtp[1]: " + id +
               ": to=<bob@lab.test>, relay=smtp.example.org[192.0.2.1]:587, delay=1, "
               "delays=0/0/0/1, dsn=" +
               dsn + ", status=" + status + " (" + reason + ")";
    }

    Findings diagnose(std::int64_t now = kNow) const {
        return diagnose_deliveries(facts_, queue_, configuration_, instance_, distribution_, now);
    }

    std::vector<std::string> ids(std::int64_t now = kNow) const {
        std::vector<std::string> ids;
        for (const Finding &finding : diagnose(now)) {
            ids.push_back(finding.id);
        }
        return ids;
    }

    DeliveryFacts facts_;
    QueueFacts queue_;
    Configuration configuration_;
    Instance instance_;
    Distribution distribution_;
};

TEST_F(DiagnoseDeliveriesTest, AnOrdinaryLogHasNoFindings) {
    log({attempt("sent", "250 ok", "2.0.0"),
         attempt("deferred", "connect to x[192.0.2.1]:25: Connection timed out", "4.4.1")});
    EXPECT_THAT(ids(), IsEmpty());
}

struct CauseLine {
    const char *id;
    const char *status;
    const char *dsn;
    const char *reason;
};

class Causes : public DiagnoseDeliveriesTest, public testing::WithParamInterface<CauseLine> {};

TEST_P(Causes, AppearWithTheFailureAndGoWithTheNextSuccess) {
    log({attempt(GetParam().status, GetParam().reason, GetParam().dsn)});
    const Findings findings = diagnose();
    EXPECT_THAT(ids(), Contains(GetParam().id));
    EXPECT_EQ(findings[0].severity, Severity::kCrit);
    EXPECT_THAT(findings[0].fix, Not(IsEmpty()));
    EXPECT_THAT(ids(kNow + 90000), Not(Contains(GetParam().id))) << "a day later";
    log({attempt("sent", "250 ok", "2.0.0", "AAAAAA2")});
    EXPECT_THAT(ids(), Not(Contains(GetParam().id)));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Causes,
    testing::Values(
        CauseLine{"bad_password", "deferred", "4.7.8",
                  "SASL authentication failed; server localhost[::1] said: 535 5.7.8 Error: "
                  "authentication failed: (reason unavailable)"},
        CauseLine{"app_password_required", "deferred", "4.7.9",
                  "SASL authentication failed; server smtp.gmail.com[192.0.2.1] said: 534-5.7.9 "
                  "Application-specific password required. For more information, go to"},
        CauseLine{"basic_auth_refused", "deferred", "4.7.0",
                  "SASL authentication failed; server smtp.office365.com[192.0.2.1] said: 535 "
                  "5.7.139 Authentication unsuccessful, basic authentication is disabled."},
        CauseLine{"unauthenticated_bouncing", "bounced", "5.7.0",
                  "host smtp.gmail.com[192.0.2.1] said: 530-5.7.0 Authentication Required. (in "
                  "reply to MAIL FROM command)"},
        CauseLine{"unauthenticated_bouncing", "bounced", "5.7.57",
                  "host smtp.office365.com[192.0.2.1] said: 530 5.7.57 Client not authenticated to "
                  "send mail. (in reply to MAIL FROM command)"},
        CauseLine{"unauthenticated_bouncing", "bounced", "5.7.1",
                  "host smtp.example.org[192.0.2.1] said: 554 5.7.1 "
                  "<client.lab.test[127.0.0.1]>: Client host rejected: Access denied (in reply to "
                  "RCPT TO command)"},
        CauseLine{"quota_exceeded", "bounced", "5.4.5",
                  "host smtp.gmail.com[192.0.2.1] said: 550-5.4.5 Daily user sending limit "
                  "exceeded. (in reply to MAIL FROM command)"},
        CauseLine{"sender_refused", "bounced", "5.7.60",
                  "host smtp.office365.com[192.0.2.1] said: 550 5.7.60 SMTP; Client does not have "
                  "permissions to send as this sender (in reply to end of DATA command)"},
        CauseLine{"reputation", "bounced", "5.7.1",
                  "host mx.test[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host "
                  "[192.0.2.9] blocked using zen.spamhaus.org (in reply to RCPT TO command)"}),
    [](const auto &test) { return test.param.id + std::to_string(test.index); });

TEST_F(DiagnoseDeliveriesTest, ALoopIsNamed) {
    log(
        {"smtp[1]: AAAAAA1: to=<a@lab.test>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, "
         "status=bounced (mail for lab.test loops back to myself)"});
    EXPECT_THAT(ids(), Contains("mail_loop"));
    log({attempt("sent", "ok", "2.0.0")});
    EXPECT_THAT(ids(), Not(Contains("mail_loop"))) << "the same domain was served";
}

TEST_F(DiagnoseDeliveriesTest, LostMailIsCriticalForHoursAndThenAWarningForADay) {
    log({attempt("bounced", "host x[192.0.2.1] said: 550 5.1.1 User unknown", "5.1.1")});
    ASSERT_THAT(ids(), ElementsAre("mail_lost"));
    EXPECT_EQ(diagnose()[0].severity, Severity::kCrit);
    EXPECT_THAT(diagnose()[0].summary, HasSubstr("1 recipient was lost"));
    EXPECT_THAT(diagnose()[0].summary, HasSubstr("24 h: recipient rejected (1)"));
    EXPECT_THAT(diagnose()[0].fix,
                Contains("grep -E 'status=(bounced|expired)' /var/log/mail.log"));
    facts_.source = {LogSource::Kind::kJournal, ""};
    EXPECT_THAT(diagnose()[0].fix,
                Contains("journalctl --since=-24h | grep -E 'status=(bounced|expired)'"));
    constexpr std::int64_t kHour_s = 3600;
    EXPECT_EQ(diagnose(kNow + 5 * kHour_s)[0].severity, Severity::kWarn);
    EXPECT_THAT(ids(kNow + 25 * kHour_s), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, BouncesThatBounceAreNamed) {
    const std::string reason =
        "host smtp.gmail.com[192.0.2.1] said: 530-5.7.0 Authentication Required. (in reply to "
        "MAIL FROM command)";
    log({attempt("bounced", reason, "5.7.0"),
         "bounce[1]: AAAAAA1: sender non-delivery notification: BBBBBB1",
         attempt("bounced", reason, "5.7.0", "BBBBBB1")});
    const Findings findings = diagnose();
    ASSERT_THAT(ids(), ElementsAre("unauthenticated_bouncing", "mail_lost"));
    EXPECT_THAT(findings[0].evidence, HasSubstr("1 recipient lost"));
    EXPECT_THAT(findings[0].evidence, HasSubstr("1 of the notices"));
    EXPECT_THAT(findings[1].evidence, HasSubstr("1 of the notices to senders bounced"));
}

TEST_F(DiagnoseDeliveriesTest, ADaemonThatDiesAtOnceIsNamedWithItsLastWords) {
    log({"smtpd[7]: fatal: no SASL authentication mechanisms",
         "master[1]: warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"});
    ASSERT_THAT(ids(), ElementsAre("daemon_crash_loop"));
    EXPECT_THAT(diagnose()[0].evidence, HasSubstr("no SASL authentication mechanisms"));
    EXPECT_EQ(diagnose()[0].fix.at(0), "postfix check");
    instance_ = {"postfix-out", "/etc/postfix-out", false, true};
    EXPECT_EQ(diagnose()[0].fix.at(0), "postfix -c /etc/postfix-out check");
    EXPECT_THAT(ids(kNow + 700), IsEmpty());
    log({"master[1]: daemon started -- version 3.7.11, configuration /etc/postfix"});
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, AClockThatIsAheadIsNamedForAnHour) {
    log({"qmgr[1]: warning: file system clock is 120 seconds ahead of local clock"});
    EXPECT_THAT(ids(), ElementsAre("clock_skew"));
    EXPECT_THAT(ids(kNow + 3601), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, ADeadPolicyServiceIsNamedUntilMailIsRelayed) {
    log({"smtp[1]: warning: TLS policy lookup error for x/y: socketmap"});
    EXPECT_THAT(ids(), ElementsAre("policy_service_dead"));
    log({attempt("sent", "ok", "2.0.0")});
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, RateLimitsMatterWhenTheyRepeat) {
    const std::string limited = attempt(
        "deferred", "host mx.test[192.0.2.1] said: 421 4.7.28 rate limit, slow down", "4.7.28");
    log({limited, limited});
    EXPECT_THAT(ids(), IsEmpty());
    log({limited});
    EXPECT_THAT(ids(), ElementsAre("reputation"));
}

TEST_F(DiagnoseDeliveriesTest, WithoutALogTheQueueTellsTheCause) {
    facts_.source = {};
    DeferralReason reason;
    reason.failure = FailureClass::kAuthFailed;
    reason.messages = 13;
    reason.sample = "said: 535 5.7.8 no";
    queue_.reasons = {reason};
    EXPECT_THAT(ids(), ElementsAre("bad_password", "no_log_source"));
    EXPECT_THAT(diagnose()[0].evidence, HasSubstr("13 queued"));
}

TEST_F(DiagnoseDeliveriesTest, AMailLogThatGoesToTheStandardOutputIsNamed) {
    facts_.source = {};
    facts_.found_by = "maillog_file";
    configuration_.parameters["maillog_file"] = "/dev/stdout";
    ASSERT_THAT(ids(), ElementsAre("no_log_source"));
    EXPECT_THAT(diagnose()[0].evidence, HasSubstr("maillog_file = /dev/stdout"));
    EXPECT_THAT(diagnose()[0].fix.at(0), HasSubstr("maillog_file=/var/log/mail.log"));
}

TEST_F(DiagnoseDeliveriesTest, CredentialsAreRebuiltInEveryPartOfATable) {
    log({attempt("deferred", "SASL authentication failed; server x said: 535 5.7.8 no", "4.7.8")});
    configuration_.parameters["smtp_sasl_password_maps"] =
        "unionmap:{hash:/a, texthash:/b}, proxy:lmdb:/c, static:{u:secret}";
    ASSERT_THAT(ids(), ElementsAre("bad_password"));
    EXPECT_THAT(diagnose()[0].fix,
                ElementsAre(HasSubstr("# put the right password"), "postmap hash:/a",
                            "postmap lmdb:/c", "postfix reload", "postqueue -f"));
}

TEST_F(DiagnoseDeliveriesTest, ALogThatNothingWasReadOfIsNoReasonToTrustSilence) {
    DeferralReason reason;
    reason.failure = FailureClass::kAuthFailed;
    reason.messages = 13;
    queue_.reasons = {reason};
    EXPECT_THAT(ids(), ElementsAre("bad_password"));
}

TEST_F(DiagnoseDeliveriesTest, TheQueueTellsWhatIsOlderThanTheLog) {
    DeferralReason reason;
    reason.failure = FailureClass::kAuthFailed;
    reason.messages = 13;
    queue_.reasons = {reason};
    queue_.last_attempt = kNow - 60;
    log({"qmgr[1]: AAAAAA1: removed"});
    EXPECT_THAT(ids(), ElementsAre("bad_password"));
    log({attempt("sent", "ok", "2.0.0")});
    EXPECT_THAT(ids(), IsEmpty()) << "sent after the reasons were noted";
}

TEST_F(DiagnoseDeliveriesTest, AHostThatIsToldToReadNoLogHasNoneToMiss) {
    facts_.source = {};
    facts_.found_by = "configuration";
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, ASenderThatOneRecipientRefusesIsAWarning) {
    const std::string reason =
        "host mx.test[192.0.2.7] said: 550 5.7.60 SMTP; Client does not have permissions to send "
        "as this sender (in reply to MAIL FROM command)";
    log(
        {"smtp[1]: AAAAAA1: to=<bob@lab.test>, relay=mx.test[192.0.2.7]:25, delay=1, "
         "delays=0/0/0/1, dsn=4.7.60, status=deferred (" +
         reason + ")"});
    ASSERT_THAT(ids(), ElementsAre("sender_refused"));
    EXPECT_EQ(diagnose()[0].severity, Severity::kWarn);
}

TEST_F(DiagnoseDeliveriesTest, AMissingLogOnThatOnlyDefersLosesNothing) {
    log({attempt("deferred",
                 "host smtp.example.org[192.0.2.1] said: 450 4.7.0 Authentication required (in "
                 "reply to MAIL FROM command)",
                 "4.7.0")});
    ASSERT_THAT(ids(), ElementsAre("unauthenticated_bouncing"));
    EXPECT_THAT(diagnose()[0].summary, Not(HasSubstr("lost")));
}

TEST_F(DiagnoseDeliveriesTest, ALogThatStoppedWhilePostfixWorksIsNamed) {
    log({attempt("sent", "ok", "2.0.0")});
    queue_.last_attempt = kNow + 7200;
    EXPECT_THAT(ids(kNow + 7300), ElementsAre("log_silent"));
    queue_.last_attempt = kNow + 60;
    EXPECT_THAT(ids(kNow + 7300), IsEmpty());
}

TEST_F(DiagnoseDeliveriesTest, ItsSectionHasTheFieldsOfTheContract) {
    log({attempt("sent", "250 ok", "2.0.0"),
         attempt("bounced", "host x[192.0.2.1] said: 550 5.1.1 \xff User unknown", "5.1.1"),
         "smtp[1]: connect to localhost[::1]:2599: Connection refused"});
    const auto section = render_deliveries("postfix", kNow, facts_, diagnose());
    EXPECT_EQ(section.at("counters").at("sent").as_uint64(), 1U);
    EXPECT_EQ(section.at("by_class").at(0).at("class").as_string(), "recipient_rejected");
    EXPECT_EQ(section.at("relays").at(0).at("relay").as_string(), "smtp.example.org:587");
    EXPECT_EQ(section.at("warnings").at(0).at("kind").as_string(), "connect");
    EXPECT_EQ(section.at("volume").at("relayed_24h").as_uint64(), 1U);
    EXPECT_EQ(section.at("volume").at("hours").as_array().size(), 1U);
    EXPECT_EQ(section.at("lost").at("recipients").as_uint64(), 1U);
    EXPECT_EQ(section.at("last_sent").at("queue_id").as_string(), "AAAAAA1");
    EXPECT_EQ(section.at("last_failure").at("class").as_string(), "recipient_rejected");
    EXPECT_EQ(section.at("delays").at("transmission").at("sum_s").as_double(), 1.0);
    EXPECT_TRUE(section.at("coverage").at("complete").as_bool());
}

TEST_F(DiagnoseDeliveriesTest, AGenericMapIsBuiltBeforePostfixReadsIt) {
    configuration_.parameters["default_database_type"] = "lmdb";
    log({attempt("bounced",
                 "said: 550 5.7.60 Client does not have permissions to send as this sender",
                 "5.7.60")});
    const auto fix = [this] {
        for (const Finding &finding : diagnose()) {
            if (finding.id == "sender_refused") {
                return finding.fix;
            }
        }
        return std::vector<std::string>();
    };
    EXPECT_THAT(fix(), ElementsAre(HasSubstr("# map"), HasSubstr("/etc/postfix/generic  #"),
                                   "postmap lmdb:/etc/postfix/generic",
                                   "postconf -e smtp_generic_maps=lmdb:/etc/postfix/generic",
                                   "postfix reload"));
    configuration_.parameters["smtp_generic_maps"] = "hash:/etc/postfix/other";
    EXPECT_THAT(fix(), ElementsAre(HasSubstr("# map")));
}

}  // namespace
}  // namespace mail_relay
