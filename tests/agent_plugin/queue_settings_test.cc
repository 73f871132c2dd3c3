#include "agent_plugin/queue_settings.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

Configuration with(std::map<std::string, std::string, std::less<>> parameters) {
    Configuration configuration;
    configuration.parameters = std::move(parameters);
    return configuration;
}

TEST(QueueSettings, ArePostfixsDefaultsWhenNothingIsKnown) {
    const auto settings = queue_settings({});
    EXPECT_EQ(settings.queue_directory, "/var/spool/postfix");
    EXPECT_EQ(settings.defer_hash_depth, 1);
    EXPECT_EQ(settings.active_limit, 20000U);
    EXPECT_EQ(settings.lifetime, std::chrono::hours(120));
    EXPECT_TRUE(settings.ipv6_enabled);
    EXPECT_TRUE(settings.ipv4_enabled);
}

TEST(QueueSettings, AreTakenFromTheConfiguration) {
    const auto settings = queue_settings(with({{"queue_directory", "/srv/queue"},
                                               {"hash_queue_names", "deferred, defer, hold"},
                                               {"hash_queue_depth", "2"},
                                               {"qmgr_message_active_limit", "100"},
                                               {"maximal_queue_lifetime", "2"},
                                               {"bounce_queue_lifetime", "6h"},
                                               {"queue_run_delay", "60s"},
                                               {"relayhost", "[h]:587"},
                                               {"inet_protocols", "ipv4"}}));
    EXPECT_EQ(settings.queue_directory, "/srv/queue");
    EXPECT_EQ(settings.defer_hash_depth, 2);
    EXPECT_EQ(settings.active_limit, 100U);
    EXPECT_EQ(settings.lifetime, std::chrono::hours(48));
    EXPECT_EQ(settings.bounce_lifetime, std::chrono::hours(6));
    EXPECT_EQ(settings.run_delay, std::chrono::seconds(60));
    EXPECT_EQ(settings.relayhost, "[h]:587");
    EXPECT_FALSE(settings.ipv6_enabled);
    EXPECT_TRUE(settings.ipv4_enabled);
}

TEST(QueueSettings, AQueueThatIsNotNamedIsNotHashed) {
    EXPECT_EQ(queue_settings(with({{"hash_queue_names", "deferred"}})).defer_hash_depth, 0);
}

TEST(QueueSettings, MalformedValuesAreTheDefaults) {
    const auto settings = queue_settings(with({{"hash_queue_depth", "many"},
                                               {"qmgr_message_active_limit", "20k"},
                                               {"maximal_queue_lifetime", "forever"}}));
    EXPECT_EQ(settings.defer_hash_depth, 1);
    EXPECT_EQ(settings.active_limit, 20000U);
    EXPECT_EQ(settings.lifetime, std::chrono::hours(120));
    EXPECT_EQ(queue_settings(with({{"hash_queue_depth", "99"}})).defer_hash_depth, 1);
}

}  // namespace
}  // namespace mail_relay
