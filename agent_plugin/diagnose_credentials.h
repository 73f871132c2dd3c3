#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/sasl_facts.h"

namespace mail_relay {

/// Faults of smtp_sasl_password_maps: exposed, unreadable, stale, without an entry for the
/// relayhost or with one of the wrong form, and entries that are there while AUTH is off.
Findings diagnose_credentials(const SaslFacts &facts, const Configuration &configuration,
                              const Distribution &distribution);

}  // namespace mail_relay
