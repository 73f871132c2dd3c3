#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/sasl_facts.h"

namespace mail_relay {

/// Whether the delivering smtp client is set up to send a password to its relay, even if something
/// else still keeps it from doing so.
bool is_meant_to_authenticate(const SaslFacts &facts);

/// What keeps the smtp client from logging on to its relay, or exposes its password. A host without
/// AUTH has no findings here.
Findings diagnose_sasl(const SaslFacts &facts, const Configuration &configuration,
                       const Distribution &distribution, std::int64_t now);

}  // namespace mail_relay
