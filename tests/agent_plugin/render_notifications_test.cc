#include "agent_plugin/render_notifications.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "agent_plugin/diagnose_notifications.h"
#include "common/section.h"
#include "tests/agent_plugin/golden_file.h"

namespace mail_relay {
namespace {

constexpr std::int64_t kGoldenNow = 1795246145;  // 2026-11-21T07:29:05Z

NotificationFacts healthy_site() {
    NotificationFacts facts;
    facts.site = {"mysite", 999};
    facts.instances = {"postfix"};
    facts.mail.counts.sent = 42;
    facts.mail.sent_hours.add(kGoldenNow - 1800, 7);
    facts.mail.last_sent = kGoldenNow - 1800;
    return facts;
}

NotificationFacts stuck_site() {
    NotificationFacts facts = healthy_site();
    facts.site = {"stuck", 998};
    facts.instances = {"postfix", "postfix-out"};
    facts.queue.waiting[index_of(Queue::kDeferred)] = 12;
    facts.queue.waiting[index_of(Queue::kActive)] = 1;
    facts.queue.oldest_arrival = kGoldenNow - 7230;
    facts.queue.senders = {"stuck@mail.example.org"};
    facts.queue.reasons = {
        {FailureClass::kSaslNoMechanism, 12, kGoldenNow - 7230, "4.7.0",
         "SASL authentication failed; cannot authenticate to server HOST: no mechanism available",
         "SASL authentication failed; cannot authenticate to server "
         "smtp.provider.test[192.0.2.87]: no mechanism available"}};
    return facts;
}

NotificationFacts losing_site() {
    NotificationFacts facts = healthy_site();
    facts.site = {"losing", 997};
    facts.mail.counts.bounced = 5;
    facts.mail.counts.expired = 1;
    facts.mail.counts.deferred = 3;
    facts.mail.lost_hours.add(kGoldenNow - 600, 4);
    facts.mail.last_lost = {kGoldenNow - 600,
                            "bounced",
                            FailureClass::kAuthRequired,
                            "smtp.provider.test:587",
                            "5.7.0",
                            "4jWkY10012z1cyVd",
                            "losing@mail.example.org",
                            "ops@example.org",
                            "host smtp.provider.test[192.0.2.87] said: 530-5.7.0 Authentication "
                            "Required. (in reply to MAIL FROM command)"};
    return facts;
}

NotificationFacts unknown_site() {
    NotificationFacts facts;
    facts.site = {"unknown", 996};
    facts.instances = {"postfix"};
    facts.complete = false;
    facts.problems = {{"waiting", "cannot open /var/spool/postfix: Permission denied"}};
    return facts;
}

Findings plugin_missing() {
    return {{"sasl_plugin_missing",
             Area::kSasl,
             Severity::kCrit,
             "",
             "",
             {"apt install libsasl2-modules"}}};
}

TEST(RenderNotifications, IsTheContract) {
    std::vector<boost::json::object> objects;
    for (const NotificationFacts &facts :
         {healthy_site(), stuck_site(), losing_site(), unknown_site()}) {
        objects.push_back(
            render_notifications(facts, explain_waiting(facts.queue, plugin_missing()),
                                 diagnose_notifications(facts, kGoldenNow), kGoldenNow));
    }
    expect_golden("notifications.txt", render_section("mail_relay_notifications", objects));
}

TEST(Notifications, WaitForACauseInFewWords) {
    const auto cause = explain_waiting(stuck_site().queue, plugin_missing());
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause->text, "no SASL mechanism (libsasl2-modules missing)");
    EXPECT_EQ(cause->finding, "sasl_plugin_missing");
    const auto alone = explain_waiting(stuck_site().queue, {});
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->text, "no SASL mechanism");
    EXPECT_EQ(alone->finding, "");
    EXPECT_FALSE(explain_waiting(healthy_site().queue, plugin_missing()));
}

TEST(Notifications, LostOnesAreCriticalForHoursAndThenAWarningForADay) {
    EXPECT_TRUE(diagnose_notifications(healthy_site(), kGoldenNow).empty());
    const NotificationFacts facts = losing_site();
    const Findings fresh = diagnose_notifications(facts, kGoldenNow);
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_EQ(fresh[0].id, "notifications_lost");
    EXPECT_EQ(fresh[0].severity, Severity::kCrit);
    EXPECT_THAT(fresh[0].summary, testing::HasSubstr("4 notifications of site losing"));
    EXPECT_EQ(diagnose_notifications(facts, kGoldenNow + std::int64_t{5} * 3600)[0].severity,
              Severity::kWarn);
    EXPECT_TRUE(diagnose_notifications(facts, kGoldenNow + 90000).empty());
}

}  // namespace
}  // namespace mail_relay
