#pragma once

#include "agent_plugin/diagnose_connection.h"
#include "agent_plugin/relay_context.h"

namespace mail_relay {

/// What a relay that can be talked to offers: tls_handshake_failed where mail goes on in plaintext,
/// relay_old_protocol, relay_certificate_ending, mechanism_mismatch, auth_not_offered,
/// starttls_not_used, login_not_used, relay_size_limit.
Findings diagnose_relay_offer(const RelayContext &context, const LoginAbility &ability);

}  // namespace mail_relay
