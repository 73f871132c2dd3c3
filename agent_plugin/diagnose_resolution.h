#pragma once

#include "agent_plugin/finding.h"
#include "agent_plugin/relay_context.h"

namespace mail_relay {

/// chroot_drift, relayhost_unresolvable, relayhost_has_mx, dane_without_dnssec.
Findings diagnose_resolution(const RelayContext &context);

}  // namespace mail_relay
