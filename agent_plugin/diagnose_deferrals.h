#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// "1 message", "13 messages".
std::string messages(std::uint64_t count);

/// How many messages a reason holds up, and one of them in Postfix's words.
std::string evidence_of(const DeferralReason &reason);

/// Causes that show in the reasons for which mail is deferred.
Findings diagnose_deferrals(const QueueFacts &facts, const Configuration &configuration,
                            const Instance &instance, const Distribution &distribution);

}  // namespace mail_relay
