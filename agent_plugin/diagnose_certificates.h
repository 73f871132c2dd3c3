#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/tls_facts.h"

namespace mail_relay {

/// What is wrong with the certificates that the smtp client goes by: those of the authorities that
/// vouch for relays, where a level asks for it, and its own. Empty where it does not start TLS.
Findings diagnose_certificates(const TlsFacts &facts, const Configuration &configuration,
                               const Distribution &distribution);

}  // namespace mail_relay
