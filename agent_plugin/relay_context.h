#pragma once

#include <fmt/format.h>

#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// One relay that was looked at, and what its repairs go by.
struct RelayContext {
    const RelayLook &relay;
    const Configuration &configuration;
    const Distribution &distribution;
    const Instance &instance;
    Repair repair;
    std::int64_t now = 0;

    /// "smtp.example.org port 587"
    std::string name() const { return fmt::format("{} port {}", relay.server, relay.port); }
};

}  // namespace mail_relay
