#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>

#include "agent_plugin/finding.h"
#include "agent_plugin/gather_instances.h"
#include "agent_plugin/service_facts.h"

namespace mail_relay {

/// An object of section mail_relay_service. The problems are those of both.
boost::json::object render_service(const InstanceReading &reading, const ServiceFacts &facts,
                                   const Findings &findings, std::int64_t now);

}  // namespace mail_relay
