#pragma once

#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// What a host needs to log in to `relayhost`, as far as it is not set yet: user and password are
/// for the administrator to fill in, in the table that is named already if there is one. Without
/// reload.
std::vector<std::string> login_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution,
                                      const std::string &relayhost);

/// All that a host needs that is to send its mail through a provider's relay from now on. The
/// relayhost comes last, after TLS and log-in: what a relay refuses without them is lost.
std::vector<std::string> relay_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution);

}  // namespace mail_relay
