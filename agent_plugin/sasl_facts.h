#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/credentials_map.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/sasl_plugins.h"
#include "agent_plugin/tls_level.h"
#include "common/problem.h"

namespace mail_relay {

/// What the delivering smtp client needs to log on to its relay.
struct SaslFacts {
    Instance instance;
    std::optional<bool> auth_enabled;
    bool auth_enabled_elsewhere = false;  ///< another service of master.cf turns it on for itself
    std::vector<std::string> client_sasl_types;
    std::string sasl_type;
    SaslPlugins plugins;
    std::vector<std::string> mechanism_filter;
    std::vector<std::string> security_options;
    std::vector<std::string> tls_security_options;
    /// The level towards the first relayhost; nullopt: not known.
    std::optional<TlsLevel> level;
    std::vector<std::string> effective_options;  ///< those that apply at this level
    std::string effective_options_parameter;     ///< and the parameter they are set by
    /// Installed mechanisms that filter and options leave; nullopt: not known.
    std::optional<std::vector<std::string>> usable_mechanisms;
    Credentials credentials;
    Problems problems;
};

}  // namespace mail_relay
