#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>

#include "agent_plugin/config_facts.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/gather_instances.h"

namespace mail_relay {

/// An object of section mail_relay_config.
boost::json::object render_config(const InstanceReading &reading, const ConfigFacts &facts,
                                  const Findings &findings, std::int64_t now);

}  // namespace mail_relay
