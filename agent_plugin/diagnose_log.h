#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/delivery_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// Whether the log itself can be relied on. `now`: Unix seconds.
Findings diagnose_log(const DeliveryFacts &facts, const QueueFacts &queue,
                      const Configuration &configuration, const Instance &instance,
                      const Distribution &distribution, std::int64_t now);

}  // namespace mail_relay
