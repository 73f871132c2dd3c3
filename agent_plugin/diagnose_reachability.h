#pragma once

#include "agent_plugin/finding.h"
#include "agent_plugin/relay_context.h"

namespace mail_relay {

/// What keeps mail from an address of a relay: ipv6_no_route, direct_delivery_blocked,
/// relay_unreachable, relay_address_failing, tls_port_without_wrapper, wrapper_on_starttls_port,
/// relay_refuses, relay_dialogue_failed, starttls_missing, tls_handshake_failed,
/// certificate_refused. Grave where no address works.
Findings diagnose_reachability(const RelayContext &context);

}  // namespace mail_relay
