#pragma once

#include <string>
#include <vector>

#include "special_agent/loop_health.h"

namespace mail_relay::roundtrip {

/// The run told to a person: each step with its time, what failed and in whose words, and what it
/// comes to. Plain text, lines of a reasonable width.
std::string explain(const std::vector<LoopResult> &results);

}  // namespace mail_relay::roundtrip
