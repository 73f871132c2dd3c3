#include "agent_plugin/render_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace mail_relay {
namespace {

namespace json = boost::json;

json::object render(const QueueFacts &facts) {
    // As it is read: numbers parsed from text.
    return json::parse(json::serialize(render_queue("postfix", 1795256400, facts, {}))).as_object();
}

QueueFacts empty_facts() {
    QueueFacts facts;
    for (auto &numbers : facts.queues) {
        numbers.emplace();
    }
    facts.expiring_within_s = 86400;
    return facts;
}

TEST(RenderQueue, AnEmptyQueueIsZero) {
    const auto section = render(empty_facts());
    EXPECT_EQ(section.at("instance"), "postfix");
    EXPECT_EQ(section.at("time"), 1795256400);
    EXPECT_EQ(section.at("source"), "files");
    EXPECT_EQ(json::serialize(section.at("queues").at("deferred")),
              R"({"messages":0,"bytes":0,"oldest_arrival":null,"examined":0,"age_buckets":)"
              R"([{"up_to_s":300,"messages":0},{"up_to_s":3600,"messages":0},)"
              R"({"up_to_s":14400,"messages":0},{"up_to_s":86400,"messages":0},)"
              R"({"up_to_s":432000,"messages":0},{"up_to_s":null,"messages":0}]})");
    EXPECT_TRUE(section.at("next_attempt").is_null());
    EXPECT_EQ(json::serialize(section.at("overdue")), R"({"messages":0,"longest_s":0E0})");
    EXPECT_EQ(json::serialize(section.at("expiring")),
              R"({"messages":0,"within_s":86400,"next":null})");
    EXPECT_EQ(json::serialize(section.at("coverage")),
              R"({"messages":{"examined":0,"total":0},"reasons":{"examined":0,"total":0}})");
    for (const char *list :
         {"deferral_reasons", "destination_domains", "senders", "findings", "problems"}) {
        EXPECT_TRUE(section.at(list).as_array().empty()) << list;
    }
}

TEST(RenderQueue, TheQueuesAreThoseOfTheContract) {
    const auto section = render(empty_facts());
    std::string names;
    for (const auto &queue : section.at("queues").as_object()) {
        names += std::string(queue.key()) + " ";
    }
    EXPECT_EQ(names, "maildrop incoming active deferred hold corrupt ");
}

TEST(RenderQueue, WhatIsUnknownIsNullAndNotZero) {
    QueueFacts facts;
    facts.problems.push_back({"queues.deferred", "cannot open deferred: Permission denied"});
    const auto section = render(facts);
    EXPECT_TRUE(section.at("queues").at("deferred").is_null());
    EXPECT_TRUE(section.at("overdue").is_null());
    EXPECT_TRUE(section.at("expiring").is_null());
    EXPECT_TRUE(section.at("deferral_reasons").is_null());
    EXPECT_TRUE(section.at("destination_domains").is_null());
    EXPECT_TRUE(section.at("senders").is_null());
    EXPECT_TRUE(section.at("coverage").is_null());
    EXPECT_EQ(json::serialize(section.at("problems")),
              R"([{"what":"queues.deferred","error":"cannot open deferred: Permission denied"}])");
}

TEST(RenderQueue, BytesOfUnexaminedMessagesAreUnknown) {
    auto facts = empty_facts();
    facts.queues[index_of(Queue::kActive)]->messages = 3;
    EXPECT_TRUE(render(facts).at("queues").at("active").at("bytes").is_null());
}

TEST(RenderQueue, ReasonsDomainsAndSendersAreRows) {
    auto facts = empty_facts();
    facts.reasons = {{FailureClass::kTimeout, 13, 1795250000, "4.4.1", "connect to HOST", "full"},
                     {FailureClass::kOther, 1, std::nullopt, "", "odd", "odd"}};
    facts.domains = {{"example.org", 13}};
    facts.senders = {{"monitoring@example.org", 13}};
    const auto section = render(facts);
    EXPECT_EQ(json::serialize(section.at("deferral_reasons")),
              R"([{"class":"timeout","messages":13,"oldest":1795250000,"dsn":"4.4.1",)"
              R"("text":"connect to HOST","sample":"full"},)"
              R"({"class":"other","messages":1,"oldest":null,"dsn":null,"text":"odd",)"
              R"("sample":"odd"}])");
    EXPECT_EQ(json::serialize(section.at("destination_domains")),
              R"([{"domain":"example.org","messages":13}])");
    EXPECT_EQ(json::serialize(section.at("senders")),
              R"([{"sender":"monitoring@example.org","messages":13}])");
}

TEST(RenderQueue, ReasonsBeyondTheTwentiethAreSummedUp) {
    auto facts = empty_facts();
    for (int i = 0; i < 25; ++i) {
        facts.reasons.push_back(
            {FailureClass::kTimeout, 2, 1795250000 - i, "4.4.1", std::to_string(i), ""});
    }
    const auto rows = render(facts).at("deferral_reasons").as_array();
    ASSERT_EQ(rows.size(), 21U);
    EXPECT_EQ(json::serialize(rows.back()),
              R"({"class":"other","messages":10,"oldest":1795249976,"dsn":null,)"
              R"row("text":"(5 further reasons)","sample":""})row");
}

TEST(RenderQueue, ShowqTellsNoNextAttempt) {
    auto facts = empty_facts();
    facts.source = QueueSource::kShowq;
    facts.queues[index_of(Queue::kCorrupt)].reset();
    const auto section = render(facts);
    EXPECT_EQ(section.at("source"), "showq");
    EXPECT_TRUE(section.at("overdue").is_null());
    EXPECT_TRUE(section.at("queues").at("corrupt").is_null());
    EXPECT_TRUE(section.at("queues").at("deferred").is_object());
}

}  // namespace
}  // namespace mail_relay
