#include "agent_plugin/diagnose_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mail_relay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1795256400;
constexpr const char *kBlocked = "connect to mx.example.org[192.0.2.1]:25: Connection timed out";

class DiagnoseQueueTest : public testing::Test {
  protected:
    DiagnoseQueueTest() {
        for (auto &numbers : facts_.queues) {
            numbers.emplace();
        }
        configuration_.parameters["relayhost"] = "[relay.example.org]:587";
    }

    void put(Queue queue, std::uint64_t messages, std::int64_t oldest_age_s) {
        auto &numbers = facts_.queues[index_of(queue)];
        numbers->messages = numbers->examined = messages;
        numbers->oldest_arrival = kNow - oldest_age_s;
        facts_.messages.total += messages;
        facts_.messages.examined += messages;
    }

    void add_reason(FailureClass failure, std::uint64_t messages, const std::string &sample) {
        facts_.reasons.push_back({failure, messages, kNow - 100, "4.4.1", sample, sample});
    }

    Findings findings() const {
        return diagnose_queue(facts_, configuration_, instance_, parse_os_release("ID=debian"),
                              kNow);
    }

    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        for (const Finding &finding : findings()) {
            EXPECT_EQ(finding.area, Area::kQueue);
            EXPECT_FALSE(finding.summary.empty());
            EXPECT_FALSE(finding.fix.empty());
            ids.push_back(finding.id);
        }
        return ids;
    }

    QueueFacts facts_;
    Configuration configuration_;
    Instance instance_{"postfix", "/etc/postfix", true, true};
};

TEST_F(DiagnoseQueueTest, AnIdleQueueIsFine) {
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseQueueTest, ABusyQueueIsFine) {
    put(Queue::kMaildrop, 5, 2);
    put(Queue::kIncoming, 50, 10);
    put(Queue::kActive, 800, 30);
    put(Queue::kDeferred, 3, 900);
    facts_.senders = {{"a@example.org", 3}};
    facts_.overdue = 3;
    facts_.longest_overdue_s = 280;
    facts_.top_sender_growth = SenderGrowth{"a@example.org", 858, 0, 3600};
    add_reason(FailureClass::kGreylisted, 3, "said: 450 4.2.0 Greylisted");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseQueueTest, AQueueThatCannotBeReadIsSaid) {
    facts_.queues[index_of(Queue::kDeferred)].reset();
    facts_.problems.push_back({"queues.deferred", "cannot open deferred: Input/output error"});
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, "queue_unreadable");
    EXPECT_EQ(found[0].severity, Severity::kWarn);
    EXPECT_EQ(found[0].evidence, "deferred: cannot open deferred: Input/output error");
    EXPECT_THAT(found[0].fix, ElementsAre("postfix check"));
    facts_.source = QueueSource::kShowq;
    EXPECT_THAT(findings()[0].fix, ElementsAre(HasSubstr("usermod -aG postdrop")));
}

TEST_F(DiagnoseQueueTest, ShowqCannotTellTheCorruptQueue) {
    facts_.source = QueueSource::kShowq;
    facts_.queues[index_of(Queue::kCorrupt)].reset();
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseQueueTest, MailThatIsNotPickedUpIsCritical) {
    put(Queue::kMaildrop, 2, 301);
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, "pickup_stuck");
    EXPECT_EQ(found[0].severity, Severity::kCrit);
    EXPECT_EQ(found[0].evidence, "2 messages in maildrop, the oldest for 5 min");
}

TEST_F(DiagnoseQueueTest, AFullActiveQueueIsCritical) {
    configuration_.parameters["qmgr_message_active_limit"] = "100";
    put(Queue::kActive, 80, 30);
    EXPECT_THAT(ids(), ElementsAre("active_saturated"));
    EXPECT_THAT(findings().at(0).fix.at(0), HasSubstr("postqueue -j | grep "));
}

TEST_F(DiagnoseQueueTest, ALimitOfNothingSaysNothing) {
    configuration_.parameters["qmgr_message_active_limit"] = "0";
    put(Queue::kActive, 0, 0);
    EXPECT_THAT(ids(), testing::IsEmpty());
}

TEST_F(DiagnoseQueueTest, AnIncomingQueueThatWaitsIsCritical) {
    put(Queue::kIncoming, 1, 301);
    EXPECT_THAT(ids(), ElementsAre("active_saturated"));
}

TEST_F(DiagnoseQueueTest, OldDeferredMailWarnsAndThenIsCritical) {
    add_reason(FailureClass::kRefused, 1, "Connection refused");
    put(Queue::kDeferred, 1, 3600);
    EXPECT_THAT(ids(), IsEmpty());
    put(Queue::kDeferred, 1, 3601);
    EXPECT_EQ(findings().at(0).severity, Severity::kWarn);
    put(Queue::kDeferred, 1, 4 * 3600 + 1);
    EXPECT_EQ(findings().at(0).severity, Severity::kCrit);
    EXPECT_EQ(findings().at(0).evidence, "1 message: Connection refused");
    EXPECT_THAT(findings().at(0).fix, ElementsAre("postqueue -f"));
    facts_.reasons.front().sample.clear();
    EXPECT_EQ(findings().at(0).evidence, "1 message without a defer log that says why");
}

TEST_F(DiagnoseQueueTest, MailNearItsEndIsCritical) {
    put(Queue::kDeferred, 4, 100);
    facts_.expiring = 4;
    facts_.next_expiration = kNow + 7300;
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, "expiring_soon");
    EXPECT_THAT(found[0].evidence, HasSubstr("the first in 2 h"));
    EXPECT_THAT(found[0].fix, ElementsAre("postconf -e maximal_queue_lifetime=10d",
                                          "postconf -e bounce_queue_lifetime=10d  # for notices",
                                          "postfix reload"));
}

TEST_F(DiagnoseQueueTest, RetriesThatDoNotComeAreCritical) {
    put(Queue::kDeferred, 4, 100);
    facts_.overdue = 4;
    facts_.longest_overdue_s = 901;
    EXPECT_THAT(ids(), ElementsAre("retries_overdue"));
    configuration_.parameters["queue_run_delay"] = "1000s";
    EXPECT_THAT(ids(), IsEmpty()) << "Postfix looks that seldom";
}

TEST_F(DiagnoseQueueTest, RetriesWaitWhenActiveIsFull) {
    put(Queue::kActive, 20000, 100);
    facts_.longest_overdue_s = 5000;
    EXPECT_THAT(ids(), ElementsAre("active_saturated"));
}

TEST_F(DiagnoseQueueTest, HeldAndCorruptMailWarns) {
    put(Queue::kHold, 1, 100);
    put(Queue::kCorrupt, 2, 100);
    const auto found = findings();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].id, "held_mail");
    EXPECT_EQ(found[1].id, "corrupt_mail");
    EXPECT_THAT(found[1].fix,
                ElementsAre("find /var/spool/postfix/corrupt -type f -exec postcat {} +"));
}

TEST_F(DiagnoseQueueTest, ASenderThatRunsWildWarns) {
    put(Queue::kActive, 1000, 30);
    facts_.top_sender_growth = SenderGrowth{"loop@example.org", 900, 500, 60};
    EXPECT_THAT(ids(), ElementsAre("runaway_sender"));
    facts_.top_sender_growth->messages_before = 900;
    EXPECT_THAT(ids(), IsEmpty()) << "no growth";
    facts_.top_sender_growth = SenderGrowth{"loop@example.org", 900, 500, 36000};
    EXPECT_THAT(ids(), IsEmpty()) << "slow growth";
    facts_.top_sender_growth = SenderGrowth{"few@example.org", 100, 0, 60};
    EXPECT_THAT(ids(), IsEmpty()) << "few messages";
    put(Queue::kActive, 1000, 30);
    facts_.top_sender_growth = SenderGrowth{"loop@example.org", 900, 500, 60};
    EXPECT_THAT(ids(), IsEmpty()) << "not most of the queue";
}

TEST_F(DiagnoseQueueTest, Ipv6WithoutARouteWarns) {
    add_reason(FailureClass::kUnreachableIpv6, 2,
               "connect to h[2001:db8::1]:25: Network is unreachable");
    EXPECT_THAT(ids(), ElementsAre("ipv6_no_route"));
    EXPECT_THAT(findings().at(0).fix, Contains("postconf -e inet_protocols=ipv4"));
    configuration_.parameters["inet_protocols"] = "ipv4";
    EXPECT_THAT(ids(), IsEmpty()) << "repaired; the old reasons go with the next attempt";
}

TEST_F(DiagnoseQueueTest, AFilterThatLeavesNothingOfTheRelaysMechanismsIsCritical) {
    add_reason(FailureClass::kSaslMechanismMismatch, 2,
               "SASL authentication failed: server h[192.0.2.1] offered no compatible "
               "authentication mechanisms for this type of connection security");
    EXPECT_THAT(ids(), IsEmpty()) << "no filter: other parts know why";
    configuration_.parameters["smtp_sasl_mechanism_filter"] = "cram-md5";
    EXPECT_THAT(ids(), ElementsAre("mechanism_mismatch"));
    EXPECT_THAT(findings().at(0).fix, Contains("postconf -X smtp_sasl_mechanism_filter"));
}

TEST_F(DiagnoseQueueTest, DirectDeliveryThatIsBlockedIsCritical) {
    configuration_.parameters["relayhost"] = "";
    add_reason(FailureClass::kTimeout, 13, kBlocked);
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, "direct_delivery_blocked");
    EXPECT_EQ(found[0].evidence, std::string("13 messages: ") + kBlocked);
    EXPECT_THAT(found[0].fix, Contains("postconf -e 'relayhost=[smtp.example.org]:587'"));
}

TEST_F(DiagnoseQueueTest, TimeOutsAreNoBlockedPortWithARelayhostOrOtherReasons) {
    add_reason(FailureClass::kTimeout, 13, kBlocked);
    EXPECT_THAT(ids(), IsEmpty()) << "a relayhost is set";
    configuration_.parameters["relayhost"] = "";
    add_reason(FailureClass::kGreylisted, 13, "Greylisted");
    EXPECT_THAT(ids(), IsEmpty()) << "others do answer";
    facts_.reasons.clear();
    add_reason(FailureClass::kTimeout, 2, kBlocked);
    EXPECT_THAT(ids(), IsEmpty()) << "a single dead server";
    facts_.reasons.clear();
    add_reason(FailureClass::kTimeout, 13, "connect to h[192.0.2.1]:2525: Connection timed out");
    EXPECT_THAT(ids(), IsEmpty()) << "another port";
}

TEST_F(DiagnoseQueueTest, AnotherInstanceGetsItsOwnCommands) {
    instance_ = {"postfix-out", "/etc/postfix out", false, true};
    put(Queue::kHold, 1, 100);
    EXPECT_THAT(findings().at(0).fix, ElementsAre("postqueue -c '/etc/postfix out' -p",
                                                  "postsuper -c '/etc/postfix out' -H ALL"));
}

}  // namespace
}  // namespace mail_relay
