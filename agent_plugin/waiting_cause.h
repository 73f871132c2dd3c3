#pragma once

#include <optional>
#include <string>

#include "agent_plugin/finding.h"
#include "agent_plugin/site_queue.h"

namespace mail_relay {

/// Why notifications wait, in a few words: "no SASL mechanism (libsasl2-modules missing)".
struct WaitingCause {
    std::string text;
    std::string finding;  ///< id of the finding in another section that explains it; "" for none
};

/// The cause of the most frequent reason; nullopt if nothing waits for a reason. `findings` are all
/// those of this run about the host's instances.
std::optional<WaitingCause> explain_waiting(const SiteQueue &queue, const Findings &findings);

}  // namespace mail_relay
