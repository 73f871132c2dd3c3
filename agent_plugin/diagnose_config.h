#pragma once

#include "agent_plugin/config_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/gather_instances.h"

namespace mail_relay {

/// Findings of area config: what the settings of an instance do wrong. Without resolved settings
/// only configuration_rejected can be told.
Findings diagnose_config(const InstanceReading &reading, const ConfigFacts &facts,
                         const Distribution &distribution);

}  // namespace mail_relay
