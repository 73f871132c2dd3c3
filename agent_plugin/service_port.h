#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// TCP port of a service name in the text of services(5), aliases included; nullopt without one.
std::optional<std::uint16_t> find_service_port(std::string_view services, std::string_view name);

/// Port of a service name in known_tcp_ports (Postfix 3.6 and later), which come before
/// /etc/services: "smtp=25, smtps=submissions=465"; nullopt without one.
std::optional<std::uint16_t> find_known_port(std::string_view known_tcp_ports,
                                             std::string_view name);

/// Fills configuration.service_ports with the names that relayhosts give for ports. A name that
/// is known nowhere gets port 0; none is filled in where /etc/services cannot be read.
void resolve_service_names(const FileTree &files, Configuration &configuration, Problems &problems);

}  // namespace mail_relay
