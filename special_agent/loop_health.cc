#include "special_agent/loop_health.h"

#include <algorithm>
#include <boost/json.hpp>

#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

std::string reason_of(const char *side, const json::object &failure) {
    const json::value *error = failure.if_contains("error");
    return fmt::format("{}: {}", side,
                       error != nullptr && error->is_string()
                           ? std::string_view(error->get_string())
                           : std::string_view("failed"));
}

/// Probes in a row that have not arrived yet; fewer are a mail that takes its time.
constexpr std::ptrdiff_t kStandstill = 3;

/// Why what arrived and what did not is a failure; empty if it is none.
std::string delivery_fault(const LoopState &state) {
    const ProbeLedger &ledger = state.ledger;
    if (const auto open = ledger.open_losses(); !open.empty()) {
        return fmt::format("{} {} lost", open.size(), open.size() == 1 ? "probe" : "probes");
    }
    const auto waiting =
        std::count_if(ledger.outstanding.begin(), ledger.outstanding.end(),
                      [&](const Probe &probe) { return probe.sequence > ledger.newest_completed; });
    if (waiting >= kStandstill) {
        return fmt::format("the last {} probes have not arrived", waiting);
    }
    boost::system::error_code absent;
    const json::value stored(stored_object(state.deliverability));
    const json::value *role = stored.find_pointer("/folder/role", absent);
    if (role != nullptr && role->is_string() &&
        role->get_string() == role_name(FolderRole::kJunk)) {
        return "the newest probe was sorted into the junk folder";
    }
    return {};
}

}  // namespace

LoopHealth judge_loop(const LoopResult &result) {
    if (const auto *error = std::get_if<DefinitionError>(&result.outcome)) {
        return {error->loop, error->kind.value_or(LoopKind::kInternal), Health::kUnknown,
                error->error};
    }
    const auto &report = std::get<LoopReport>(result.outcome);
    const LoopDefinition &loop = result.definition;
    const json::object submission = stored_object(report.state.submission);
    const json::value *failure = submission.if_contains("failure");
    if (failure != nullptr && failure->is_object()) {
        return {loop.name, loop.kind, Health::kFailing,
                reason_of("submission", failure->get_object())};
    }
    if (!report.mailbox) {
        return {loop.name, loop.kind, Health::kUnknown,
                "no look at the mailbox: " + report.state_problem};
    }
    if (report.mailbox->session.failure) {
        return {loop.name, loop.kind, Health::kFailing,
                "mailbox: " + report.mailbox->session.failure->error};
    }
    if (const std::string fault = delivery_fault(report.state); !fault.empty()) {
        return {loop.name, loop.kind, Health::kFailing, fault};
    }
    if (report.state.ledger.completed == 0) {
        return {loop.name, loop.kind, Health::kUnknown, "no probe has arrived yet"};
    }
    return {loop.name, loop.kind, Health::kOk, {}};
}

}  // namespace mail_relay::roundtrip
