#pragma once

#include <string>
#include <string_view>

#include "agent_plugin/delivery_record.h"
#include "agent_plugin/log_position.h"
#include "common/result.h"

namespace mail_relay {

/// All that is remembered of one instance's log. Counters and position are kept together: whatever
/// happens to the file, they belong to each other.
struct DeliveryState {
    std::string source;  ///< the log that `progress` is about: its path, or "journal"
    LogProgress progress;
    DeliveryRecord record;
};

/// The state as JSON, format 1.
std::string serialize_delivery_state(const DeliveryState &state);

/// Fails on anything but a complete state of this format: half a state would count lines twice.
Result<DeliveryState> parse_delivery_state(std::string_view text);

}  // namespace mail_relay
