#pragma once

#include <cstdint>
#include <optional>

#include "special_agent/mailbox.h"
#include "special_agent/probe_ledger.h"

namespace mail_relay::roundtrip {

/// When a probe's mail arrived, by our own clock, and who says so: seen while waiting, else by the
/// mailbox's INTERNALDATE, corrected by the last known difference of the clocks (server minus own),
/// else not before now.
Arrival arrival_of(const FoundMail &mail, const Probe &probe, std::int64_t now_ms,
                   std::optional<double> clock_offset_s);

}  // namespace mail_relay::roundtrip
