#pragma once

#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "common/deadline.h"
#include "common/host_addresses.h"

namespace mail_relay {

/// How the delivering smtp client looks names up. Source: Postfix src/smtp/smtp_addr.c.
struct RelayResolver {
    bool in_jail = false;
    std::string etc;  ///< folder of the client's resolv.conf and hosts: "/etc", or that of its jail
    bool dns = true;
    bool native = false;  ///< after DNS if both are set: hosts file, then DNS
    AddressFamily family = AddressFamily::kAny;  ///< inet_protocols
    AddressFamily preferred = AddressFamily::kAny;
    bool ignores_mx_errors = false;
    bool asks_for_dnssec = false;
};

RelayResolver relay_resolver(const Configuration &configuration);

/// A host that mail to a next hop may go to, and one of its addresses.
struct HostAddress {
    std::string host;
    std::string address;
};

/// Fills in `relay.resolution`; the addresses in the order in which the smtp client tries them.
/// Where that finds none, it is found out whether this host could.
std::vector<HostAddress> resolve_relay(const RelayResolver &resolver, RelayLook &relay,
                                       Deadline deadline);

}  // namespace mail_relay
