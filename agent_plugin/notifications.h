#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/notification_facts.h"

namespace mail_relay {

/// Why notifications wait, in a few words: "no SASL mechanism (libsasl2-modules missing)".
struct WaitingCause {
    std::string text;
    std::string finding;  ///< id of the finding in another section that explains it; "" for none
};

/// The cause of the most frequent reason; nullopt if nothing waits for a reason. `findings` are all
/// those of this run about the host's instances.
std::optional<WaitingCause> explain_waiting(const SiteQueue &queue, const Findings &findings);

/// Notifications that were given up. `now`: Unix seconds.
Findings diagnose_notifications(const NotificationFacts &facts, std::int64_t now);

/// The object of section mail_relay_notifications.
boost::json::object render_notifications(const NotificationFacts &facts,
                                         const std::optional<WaitingCause> &cause,
                                         const Findings &findings, std::int64_t now);

}  // namespace mail_relay
