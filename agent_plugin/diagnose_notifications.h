#pragma once

#include <cstdint>

#include "agent_plugin/finding.h"
#include "agent_plugin/notification_facts.h"

namespace mail_relay {

/// Notifications that were given up. `now`: Unix seconds.
Findings diagnose_notifications(const NotificationFacts &facts, std::int64_t now);

}  // namespace mail_relay
