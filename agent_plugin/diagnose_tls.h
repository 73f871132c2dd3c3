#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/tls_facts.h"

namespace mail_relay {

/// Settings with which no mail leaves, or a password may leave unprotected.
Findings diagnose_tls(const TlsFacts &facts, const Configuration &configuration,
                      const Distribution &distribution, std::int64_t now);

}  // namespace mail_relay
