#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/delivery_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// What is wrong with the deliveries of `instance`, most telling first. A failure counts until mail
/// has gone the same way again, at most for a day. Without a log the queue's reasons tell it.
/// `now`: Unix seconds.
Findings diagnose_deliveries(const DeliveryFacts &facts, const QueueFacts &queue,
                             const Configuration &configuration, const Instance &instance,
                             const Distribution &distribution, std::int64_t now);

}  // namespace mail_relay
