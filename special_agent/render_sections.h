#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "special_agent/loop_health.h"

namespace mail_relay::roundtrip {

/// All sections of a run: mail_roundtrip, ..._submission, ..._mailbox, ..._deliverability and
/// ..._continuity. `now` is Unix time.
std::string render_sections(const std::vector<LoopResult> &results, std::int64_t now);

}  // namespace mail_relay::roundtrip
