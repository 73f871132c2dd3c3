#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "special_agent/loop_run.h"

namespace mail_relay::roundtrip {

/// A dialogue with the submission server as JSON, to be kept in the state.
std::string render_submission_report(const LoopDefinition &loop, const SubmissionReport &report);

/// The object of section mail_roundtrip_submission: the last dialogue, or nulls if there was none.
boost::json::object render_submission(const LoopDefinition &loop, const LoopState &state,
                                      std::int64_t now);

}  // namespace mail_relay::roundtrip
