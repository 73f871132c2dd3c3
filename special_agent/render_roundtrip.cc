#include "special_agent/render_roundtrip.h"

#include <algorithm>
#include <boost/json.hpp>

#include "common/session_json.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::int64_t kReportedSeconds = 86400;

std::string_view kind_name(LoopKind kind) {
    return kind == LoopKind::kInternal ? "internal" : "external";
}

std::string_view measured_name(Measured measured) {
    return measured == Measured::kObserved ? "observed" : "internaldate";
}

json::object render_completion(const Completion &completion) {
    const Arrival &arrival = completion.arrival;
    return {{"number", completion.number},
            {"sequence", arrival.probe.sequence},
            {"sent", arrival.probe.sent_ms / 1000},
            {"arrived", arrival.arrived_ms / 1000},
            {"latency_s", completion.latency_s()},
            {"measured", measured_name(arrival.measured)},
            {"late", completion.late},
            {"folder", arrival.folder}};
}

json::value seconds_of(const std::vector<Probe> &probes, bool newest) {
    if (probes.empty()) {
        return nullptr;
    }
    return (newest ? probes.back() : probes.front()).sent_ms / 1000;
}

json::object render_outstanding(const ProbeLedger &ledger, std::int64_t now) {
    json::object object{{"probes", ledger.outstanding.size()},
                        {"oldest_sent", seconds_of(ledger.outstanding, false)},
                        {"oldest_age_s", nullptr}};
    if (!ledger.outstanding.empty()) {
        const double sent = static_cast<double>(ledger.outstanding.front().sent_ms) / 1000.0;
        object["oldest_age_s"] = std::max(static_cast<double>(now) - sent, 0.0);
    }
    return object;
}

json::array render_completions(const ProbeLedger &ledger, std::int64_t now) {
    json::array list;
    for (const Completion &completion : ledger.completions) {
        if (completion.arrival.arrived_ms / 1000 >= now - kReportedSeconds) {
            list.push_back(render_completion(completion));
        }
    }
    return list;
}

}  // namespace

json::object render_roundtrip(const LoopDefinition &loop, const LoopReport &report,
                              std::int64_t now) {
    const ProbeLedger &ledger = report.state.ledger;
    const std::vector<Probe> open = ledger.open_losses();
    json::object object{{"loop", loop.name},
                        {"time", now},
                        {"agent_version", MAIL_RELAY_VERSION},
                        {"definition_error", nullptr},
                        {"kind", kind_name(loop.kind)},
                        {"interval_s", static_cast<double>(loop.interval.count()) / 1000.0},
                        {"wait_s", static_cast<double>(loop.wait.count()) / 1000.0},
                        {"lost_after_s", static_cast<double>(loop.lost_after.count()) / 1000.0},
                        {"last_sent", nullptr},
                        {"next_due", nullptr},
                        {"last_arrival", nullptr}};
    if (ledger.last_sent_ms) {
        object["last_sent"] = *ledger.last_sent_ms / 1000;
        object["next_due"] = (*ledger.last_sent_ms + loop.interval.count()) / 1000;
    }
    if (!ledger.completions.empty()) {
        object["last_arrival"] = render_completion(ledger.completions.back());
    }
    object["completed"] = render_completions(ledger, now);
    object["outstanding"] = render_outstanding(ledger, now);
    object["lost"] = json::object{{"open", open.size()},
                                  {"oldest_sent", seconds_of(open, false)},
                                  {"newest_sent", seconds_of(open, true)}};
    object["totals"] = json::object{
        {"since", ledger.since}, {"sent", ledger.sent}, {"completed", ledger.completed},
        {"lost", ledger.lost},   {"late", ledger.late}, {"duplicates", ledger.duplicates}};
    const json::object submission = stored_object(report.state.submission);
    const json::value *failure = submission.if_contains("failure");
    object["submission_failure"] = failure != nullptr ? *failure : json::value(nullptr);
    object["mailbox_failure"] =
        render_failure_json(report.mailbox ? report.mailbox->session.failure : std::nullopt);
    object["state_problem"] = text_or_null(report.state_problem);
    object["problems"] = render_problems(report.problems);
    return object;
}

json::object render_definition_error(const DefinitionError &error, std::int64_t now) {
    json::object object{{"loop", error.loop},
                        {"time", now},
                        {"agent_version", MAIL_RELAY_VERSION},
                        {"definition_error", error.error}};
    for (const char *key : {"kind", "interval_s", "wait_s", "lost_after_s", "last_sent", "next_due",
                            "last_arrival", "completed", "outstanding", "lost", "totals",
                            "submission_failure", "mailbox_failure", "state_problem"}) {
        object[key] = nullptr;
    }
    if (error.kind) {
        object["kind"] = kind_name(*error.kind);
    }
    object["problems"] = json::array();
    return object;
}

}  // namespace mail_relay::roundtrip
