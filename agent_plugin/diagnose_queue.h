#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// What is wrong with the queue of `instance`, most telling first. `now`: unix seconds.
Findings diagnose_queue(const QueueFacts &facts, const Configuration &configuration,
                        const Instance &instance, const Distribution &distribution,
                        std::int64_t now);

}  // namespace mail_relay
