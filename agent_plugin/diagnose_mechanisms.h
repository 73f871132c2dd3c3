#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/sasl_facts.h"

namespace mail_relay {

/// sasl_plugin_missing, noplaintext_default and mechanism_mismatch of a smtp client that is meant
/// to log on. The first two leave the same words in the log; files and options tell them apart.
Findings diagnose_mechanisms(const SaslFacts &facts, const Configuration &configuration,
                             const Distribution &distribution);

}  // namespace mail_relay
