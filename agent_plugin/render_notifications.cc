#include "agent_plugin/render_notifications.h"

#include <boost/json.hpp>
#include <utility>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostReasons = 5;

json::array render_reasons(const SiteQueue &queue) {
    json::array rows;
    for (const DeferralReason &reason : queue.reasons) {
        if (rows.size() < kMostReasons) {
            rows.emplace_back(
                json::object{{"class", failure_class_name(reason.failure)},
                             {"messages", reason.messages},
                             {"oldest", render_known(reason.oldest_arrival)},
                             {"dsn", reason.dsn_status.empty() ? json::value(nullptr)
                                                               : json::value(reason.dsn_status)},
                             {"text", reason.text},
                             {"sample", reason.sample}});
        }
    }
    return rows;
}

json::value render_lost(const FailureSample &lost) {
    if (lost.time == 0) {
        return nullptr;
    }
    return {{"time", lost.time},
            {"status", lost.status},
            {"class", failure_class_name(lost.failure)},
            {"text", lost.text}};
}

}  // namespace

json::object render_notifications(const NotificationFacts &facts,
                                  const std::optional<WaitingCause> &cause,
                                  const Findings &findings, std::int64_t now) {
    const SiteQueue &queue = facts.queue;
    const bool is_known = facts.complete || queue.total() > 0;
    json::object by_queue;
    for (const Queue name : kQueues) {
        if (name != Queue::kCorrupt) {
            by_queue[queue_name(name)] = queue.waiting.at(index_of(name));
        }
    }
    const StatusCounts &counts = facts.mail.counts;
    return {
        {"site", facts.site.name},
        {"time", now},
        {"user", facts.site.name},
        {"uid", facts.site.uid},
        {"instances", json::value_from(facts.instances)},
        {"senders", json::value_from(queue.senders)},
        {"waiting", is_known ? json::value(queue.total()) : json::value(nullptr)},
        {"oldest", render_known(queue.oldest_arrival)},
        {"waiting_by_queue", is_known ? json::value(std::move(by_queue)) : json::value(nullptr)},
        {"reasons", render_reasons(queue)},
        {"cause", cause ? json::value(cause->text) : json::value(nullptr)},
        {"cause_finding",
         cause && !cause->finding.empty() ? json::value(cause->finding) : json::value(nullptr)},
        {"complete", facts.complete},
        {"counters",
         {{"sent", counts.sent},
          {"deferred", counts.deferred},
          {"bounced", counts.bounced},
          {"expired", counts.expired}}},
        {"sent_24h", facts.mail.sent_hours.last_day(now)},
        {"bounced_24h", facts.mail.lost_hours.last_day(now)},
        {"last_sent", render_time(facts.mail.last_sent)},
        {"last_lost", render_lost(facts.mail.last_lost)},
        {"findings", render_findings(findings)},
        {"problems", render_problems(facts.problems)}};
}

}  // namespace mail_relay
