#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string_view>

#include "agent_plugin/delivery_facts.h"
#include "agent_plugin/finding.h"

namespace mail_relay {

/// The object of section mail_relay_deliveries.
boost::json::object render_deliveries(std::string_view instance, std::int64_t now,
                                      const DeliveryFacts &facts, const Findings &findings);

}  // namespace mail_relay
