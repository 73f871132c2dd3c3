#include "agent_plugin/render_deliveries.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <utility>
#include <vector>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace {

namespace json = boost::json;

json::value text_or_null(const std::string &text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object render_source(const DeliveryFacts &facts) {
    const bool is_file = facts.source.kind == LogSource::Kind::kFile;
    return {{"kind", log_source_name(facts.source.kind)},
            {"path", is_file ? json::value(facts.source.path) : json::value(nullptr)},
            {"syslog_names", json::value_from(facts.syslog_names)},
            {"found_by", facts.found_by}};
}

json::object render_coverage(const DeliveryFacts &facts) {
    const bool is_file = facts.source.kind == LogSource::Kind::kFile;
    return {{"complete", facts.complete},
            {"behind_bytes", is_file ? json::value(facts.behind_bytes) : json::value(nullptr)},
            {"skipped_bytes", facts.skipped_bytes},
            {"since", render_time(facts.record.first_line)},
            {"newest", render_time(facts.record.newest_line)},
            {"lines", facts.lines},
            {"gaps", facts.record.gaps}};
}

json::object render_counters(const DeliveryRecord &record) {
    return {{"sent", record.totals.sent},
            {"deferred", record.totals.deferred},
            {"bounced", record.totals.bounced},
            {"expired", record.totals.expired},
            {"other", record.other},
            {"removed", record.removed},
            {"relayed", record.relayed},
            {"relayed_messages", record.relayed_messages},
            {"bounces_sent", record.bounces_sent},
            {"double_bounces", record.double_bounces},
            {"discarded", record.discarded}};
}

json::array render_classes(const DeliveryRecord &record, std::int64_t now) {
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t i = 0; i < record.classes.size(); ++i) {
        const StatusCounts &counts = record.classes.at(i).counts;
        if (counts.deferred + counts.bounced + counts.expired > 0) {
            order.emplace_back(record.classes.at(i).recent.last_day(now), i);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto &one, const auto &other) { return one.first > other.first; });
    json::array rows;
    for (const auto &[recent, i] : order) {
        const StatusCounts &counts = record.classes.at(i).counts;
        rows.emplace_back(json::object{{"class", failure_class_name(static_cast<FailureClass>(i))},
                                       {"deferred", counts.deferred},
                                       {"bounced", counts.bounced},
                                       {"expired", counts.expired}});
    }
    return rows;
}

json::array render_relays(const DeliveryRecord &record, std::int64_t now) {
    json::array rows;
    for (const RelayRecord &relay : record.relays) {
        rows.emplace_back(json::object{{"relay", relay.name},
                                       {"sent", relay.counts.sent},
                                       {"deferred", relay.counts.deferred},
                                       {"bounced", relay.counts.bounced},
                                       {"sent_24h", relay.sent_hours.last_day(now)},
                                       {"last_sent", render_time(relay.last_sent)}});
    }
    return rows;
}

json::array render_warnings(const DeliveryRecord &record, std::int64_t now) {
    json::array rows;
    for (std::size_t i = 0; i < record.warnings.size(); ++i) {
        const WarningRecord &warning = record.warnings.at(i);
        if (warning.count > 0) {
            rows.emplace_back(json::object{{"kind", warning_kind_name(static_cast<WarningKind>(i))},
                                           {"count", warning.count},
                                           {"recent", warning.recent.last_day(now)},
                                           {"last", render_time(warning.last)},
                                           {"text", text_or_null(warning.text)}});
        }
    }
    return rows;
}

json::value render_failure(const FailureSample &sample) {
    if (sample.time == 0) {
        return nullptr;
    }
    return {{"time", sample.time},
            {"status", sample.status},
            {"class", failure_class_name(sample.failure)},
            {"relay", text_or_null(sample.relay)},
            {"dsn", text_or_null(sample.dsn_status)},
            {"queue_id", sample.queue_id},
            {"text", sample.text}};
}

json::object render_volume(const DeliveryRecord &record, std::int64_t now) {
    json::array hours;
    const std::int64_t newest = now - now % HourlyCounts::kHour_s;
    for (std::int64_t start = newest - HourlyCounts::kDay_s; start <= newest;
         start += HourlyCounts::kHour_s) {
        const std::uint64_t sent = record.sent_hours.of_hour(start);
        const std::uint64_t deferred = record.deferred_hours.of_hour(start);
        const std::uint64_t bounced = record.bounced_hours.of_hour(start);
        if (sent + deferred + bounced > 0) {
            hours.emplace_back(
                json::object{{"start", start},
                             {"sent", sent},
                             {"deferred", deferred},
                             {"bounced", bounced},
                             {"relayed", record.relayed_hours.of_hour(start)},
                             {"relayed_messages", record.relayed_message_hours.of_hour(start)}});
        }
    }
    return {{"hours", std::move(hours)},
            {"sent_24h", record.sent_hours.last_day(now)},
            {"relayed_24h", record.relayed_hours.last_day(now)},
            {"relayed_messages_24h", record.relayed_message_hours.last_day(now)},
            {"deferred_24h", record.deferred_hours.last_day(now)},
            {"bounced_24h", record.bounced_hours.last_day(now)}};
}

json::object render_delay(const DelayHistogram &delay) {
    json::array buckets;
    for (std::size_t i = 0; i < delay.counts.size(); ++i) {
        json::value end = nullptr;
        if (i < DelayHistogram::kEnds_ms.size()) {
            end = static_cast<double>(DelayHistogram::kEnds_ms.at(i)) / 1000.0;
        }
        buckets.emplace_back(json::object{{"up_to_s", end}, {"count", delay.counts.at(i)}});
    }
    return {{"buckets", std::move(buckets)}, {"sum_s", static_cast<double>(delay.sum_ms) / 1000.0}};
}

json::object render_delays(const DeliveryRecord &record) {
    return {{"before_queue_manager", render_delay(record.delays[0])},
            {"queue_manager", render_delay(record.delays[1])},
            {"connection", render_delay(record.delays[2])},
            {"transmission", render_delay(record.delays[3])}};
}

json::object render_lost(const DeliveryRecord &record, std::int64_t now) {
    std::uint64_t recipients = 0;
    std::uint64_t unnotified = 0;
    json::array by_class;
    for (std::size_t i = 0; i < record.classes.size(); ++i) {
        const std::uint64_t lost = record.classes.at(i).lost.last_day(now);
        recipients += lost;
        unnotified += record.classes.at(i).unnotified.last_day(now);
        if (lost > 0) {
            by_class.emplace_back(json::object{
                {"class", failure_class_name(static_cast<FailureClass>(i))}, {"recipients", lost}});
        }
    }
    json::array samples;
    std::int64_t last = 0;
    for (const FailureSample &sample : record.losses) {
        if (sample.time > now - HourlyCounts::kDay_s) {
            last = std::max(last, sample.time);
            json::object row = render_failure(sample).as_object();
            row["recipient"] = text_or_null(sample.recipient);
            samples.emplace_back(std::move(row));
        }
    }
    return {{"window_s", HourlyCounts::kDay_s}, {"recipients", recipients},
            {"double_bounces", unnotified},     {"last", render_time(last)},
            {"by_class", std::move(by_class)},  {"samples", std::move(samples)}};
}

}  // namespace

json::object render_deliveries(std::string_view instance, std::int64_t now,
                               const DeliveryFacts &facts, const Findings &findings) {
    const DeliveryRecord &record = facts.record;
    json::object section = render_head(instance, now);
    section["source"] = render_source(facts);
    section["coverage"] = render_coverage(facts);
    section["counters_since"] = render_time(record.counters_since);
    const bool is_known = record.counters_since != 0;
    section["counters"] = is_known ? render_counters(record) : json::value(nullptr);
    section["by_class"] = render_classes(record, now);
    section["relays"] = render_relays(record, now);
    section["warnings"] = render_warnings(record, now);
    section["last_sent"] = record.last_sent == 0 ? json::value(nullptr)
                                                 : json::value{{"time", record.last_sent},
                                                               {"relay", record.last_sent_relay},
                                                               {"queue_id", record.last_sent_id}};
    section["last_failure"] = render_failure(record.last_failure);
    section["volume"] = is_known ? render_volume(record, now) : json::value(nullptr);
    section["delays"] = is_known ? render_delays(record) : json::value(nullptr);
    section["lost"] = is_known ? render_lost(record, now) : json::value(nullptr);
    section["findings"] = render_findings(findings);
    section["problems"] = render_problems(facts.problems);
    return section;
}

}  // namespace mail_relay
