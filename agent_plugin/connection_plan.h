#pragma once

#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "agent_plugin/relay_resolver.h"
#include "agent_plugin/tls_peer.h"
#include "agent_plugin/tls_policy.h"
#include "common/file_tree.h"

namespace mail_relay {

/// How one next hop is to be looked at.
struct RelayPlan {
    RelayLook relay;  ///< without what will be seen
    TlsPeer tls;
    RelayResolver resolver;
};

/// All looks of an instance, as the delivering smtp client's settings want them.
struct ConnectionPlan {
    std::vector<RelayPlan> relays;
    std::string helo;
    std::string bind_ipv4;  ///< own address; "" for the system's choice
    std::string bind_ipv6;
    std::string skipped;  ///< why there is nothing to look at; "" if there is
    Problems problems;
};

/// `direct_mx` is what a host that delivers itself is to look at, written like a relayhost; "" for
/// nothing.
ConnectionPlan plan_connection(const Configuration &configuration, const TlsPolicies &policies,
                               const std::string &direct_mx);

/// A text that changes with everything a look depends on: settings, and files they name.
std::string plan_identity(const ConnectionPlan &plan, const FileTree &files);

}  // namespace mail_relay
