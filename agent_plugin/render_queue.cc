#include "agent_plugin/render_queue.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <vector>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostReasons = 20;

json::value known(const std::optional<std::uint64_t> &number) {
    return number ? json::value(*number) : json::value(nullptr);
}

json::value render_numbers(const std::optional<QueueNumbers> &numbers) {
    if (!numbers) {
        return nullptr;
    }
    json::array buckets;
    for (std::size_t i = 0; i < numbers->age_buckets.size(); ++i) {
        const json::value end =
            i < kAgeBucketEnds.size() ? json::value(kAgeBucketEnds.at(i)) : json::value(nullptr);
        buckets.push_back({{"up_to_s", end}, {"messages", numbers->age_buckets.at(i)}});
    }
    const bool empty = numbers->messages == 0;
    return {{"messages", numbers->messages},
            {"bytes", empty ? json::value(0) : known(numbers->bytes)},
            {"oldest_arrival", render_known(numbers->oldest_arrival)},
            {"examined", numbers->examined},
            {"age_buckets", std::move(buckets)}};
}

json::object render_reason(const DeferralReason &reason) {
    return {
        {"class", failure_class_name(reason.failure)},
        {"messages", reason.messages},
        {"oldest", render_known(reason.oldest_arrival)},
        {"dsn", reason.dsn_status.empty() ? json::value(nullptr) : json::value(reason.dsn_status)},
        {"text", reason.text},
        {"sample", reason.sample}};
}

json::array render_reasons(const std::vector<DeferralReason> &reasons) {
    json::array rows;
    DeferralReason further;
    std::size_t further_count = 0;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        if (i < kMostReasons) {
            rows.push_back(render_reason(reasons[i]));
            continue;
        }
        ++further_count;
        further.messages += reasons[i].messages;
        const auto &oldest = reasons[i].oldest_arrival;
        if (oldest && (!further.oldest_arrival || *oldest < *further.oldest_arrival)) {
            further.oldest_arrival = oldest;
        }
    }
    if (further_count > 0) {
        further.text = fmt::format("({} further reasons)", further_count);
        rows.push_back(render_reason(further));
    }
    return rows;
}

json::array render_counts(const std::vector<NamedCount> &counts, std::string_view key) {
    json::array rows;
    for (const NamedCount &count : counts) {
        rows.push_back({{key, count.name}, {"messages", count.messages}});
    }
    return rows;
}

json::object render_coverage(const Coverage &coverage) {
    return {{"examined", coverage.examined}, {"total", coverage.total}};
}

}  // namespace

json::object render_queue(std::string_view instance, std::int64_t now, const QueueFacts &facts,
                          const Findings &findings) {
    json::object section = render_head(instance, now);
    section["source"] = facts.source == QueueSource::kFiles ? "files" : "showq";
    json::object queues;
    for (const Queue queue : kQueues) {
        queues[queue_name(queue)] = render_numbers(facts[queue]);
    }
    section["queues"] = std::move(queues);
    section["next_attempt"] = render_known(facts.next_attempt);
    section["last_attempt"] = render_known(facts.last_attempt);
    const bool deferred_known = facts[Queue::kDeferred].has_value();
    const bool overdue_known = deferred_known && facts.source == QueueSource::kFiles;
    section["overdue"] =
        overdue_known ? json::value{{"messages", facts.overdue},
                                    {"longest_s", static_cast<double>(facts.longest_overdue_s)}}
                      : json::value(nullptr);
    // Without the deferred queue these would tell of the rest alone.
    for (const char *name :
         {"expiring", "deferral_reasons", "destination_domains", "senders", "coverage"}) {
        section[name] = nullptr;
    }
    if (deferred_known) {
        section["expiring"] = {{"messages", facts.expiring},
                               {"within_s", facts.expiring_within_s},
                               {"next", render_known(facts.next_expiration)}};
        section["deferral_reasons"] = render_reasons(facts.reasons);
        section["destination_domains"] = render_counts(facts.domains, "domain");
        section["senders"] = render_counts(facts.senders, "sender");
        section["coverage"] = {{"messages", render_coverage(facts.messages)},
                               {"reasons", render_coverage(facts.reason_coverage)}};
    }
    section["findings"] = render_findings(findings);
    section["problems"] = render_problems(facts.problems);
    return section;
}

}  // namespace mail_relay
