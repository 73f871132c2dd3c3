#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string_view>

#include "agent_plugin/connection_facts.h"
#include "agent_plugin/finding.h"

namespace mail_relay {

/// The object of the instance in section mail_relay_connection.
boost::json::object render_connection(std::string_view instance, std::int64_t now,
                                      const ConnectionFacts &facts, const Findings &findings);

}  // namespace mail_relay
