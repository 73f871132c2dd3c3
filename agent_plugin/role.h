#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"

namespace mail_relay {

/// What an instance is for, as its configuration tells.
enum class Role {
    kSatellite,  ///< hands everything to a relayhost, takes mail of this host alone
    kGateway,    ///< hands everything to a relayhost, takes mail of others too
    kDirect,     ///< delivers to the world, takes mail of this host alone
    kServer,     ///< delivers to the world, takes mail of others too
};

/// "satellite", "gateway", "direct", "server" as the sections spell it.
std::string_view role_name(Role role);

/// nullopt when the configuration is not known.
std::optional<Role> role_of(const Configuration &configuration);

/// True for an address, a name or a word of inet_interfaces that stands for this host alone.
bool is_loopback(std::string_view interface);

/// An SMTP server of master.cf that others can reach: the service's name. "" if there is none.
/// A host name in inet_interfaces counts as reachable, whatever its address is.
std::string reachable_smtp_service(const Configuration &configuration);

}  // namespace mail_relay
