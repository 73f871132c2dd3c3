#pragma once

#include <variant>

#include "special_agent/continuity.h"
#include "special_agent/loop_run.h"

namespace mail_relay::roundtrip {

/// A loop and what its run came to, or why it could not run.
struct LoopResult {
    LoopDefinition definition;  ///< without a meaning if there is an error
    std::variant<LoopReport, DefinitionError> outcome;
};

/// What a loop adds to the verdict over all of them: failing if the last submission or this look at
/// the mailbox failed, if probes are lost or several in a row stay away, or if the newest one
/// landed in the junk folder, where nobody looks; unknown if nothing could be seen yet.
LoopHealth judge_loop(const LoopResult &result);

}  // namespace mail_relay::roundtrip
