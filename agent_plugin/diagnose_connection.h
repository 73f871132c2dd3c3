#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"

namespace mail_relay {

/// What of this host's own log-in the offer of a relay is compared with.
struct LoginAbility {
    bool auth_enabled = false;
    std::vector<std::string> password_relayhosts;  ///< as written; those that log-in is set up for
    std::optional<std::vector<std::string>> installed;  ///< mechanisms; nullopt: not known
    std::optional<std::vector<std::string>> usable;     ///< those that filter and options leave
    std::vector<std::string> unused_passwords;  ///< relayhosts with an entry while AUTH is off
};

/// What a live look decides: chroot_drift, relayhost_unresolvable, relayhost_has_mx,
/// dane_without_dnssec, policy_service_dead, ipv6_no_route, direct_delivery_blocked,
/// relay_unreachable, relay_address_failing, tls_port_without_wrapper, wrapper_on_starttls_port,
/// relay_refuses, relay_dialogue_failed, starttls_missing, tls_handshake_failed,
/// certificate_refused, relay_certificate_ending, relay_certificate_untrusted, relay_old_protocol,
/// mechanism_mismatch, auth_not_offered, starttls_not_used, login_not_used, relay_size_limit.
Findings diagnose_connection(const ConnectionFacts &facts, const LoginAbility &ability,
                             const Instance &instance, const Configuration &configuration,
                             const Distribution &distribution, std::int64_t now);

}  // namespace mail_relay
