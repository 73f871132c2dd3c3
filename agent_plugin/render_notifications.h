#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>

#include "agent_plugin/finding.h"
#include "agent_plugin/notification_facts.h"
#include "agent_plugin/waiting_cause.h"

namespace mail_relay {

/// The object of section mail_relay_notifications.
boost::json::object render_notifications(const NotificationFacts &facts,
                                         const std::optional<WaitingCause> &cause,
                                         const Findings &findings, std::int64_t now);

}  // namespace mail_relay
