#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "special_agent/continuity.h"
#include "special_agent/loop_definition.h"
#include "special_agent/loop_run.h"

namespace mail_relay::roundtrip {

/// A loop and what its run came to, or why it could not run.
struct LoopResult {
    LoopDefinition definition;  ///< without a meaning if there is an error
    std::variant<LoopReport, DefinitionError> outcome;
};

/// The parts of the sections that outlive the run, as JSON objects kept in the state.
std::string render_submission_report(const LoopDefinition &loop, const SubmissionReport &report);
std::string render_deliverability_report(const Deliverability &deliverability);

/// All sections of a run: mail_roundtrip, ..._submission, ..._mailbox, ..._deliverability and
/// ..._continuity. `now` is Unix time.
std::string render_sections(const std::vector<LoopResult> &results, std::int64_t now);

/// What a loop adds to the verdict over all of them.
LoopHealth judge_loop(const LoopResult &result);

}  // namespace mail_relay::roundtrip
