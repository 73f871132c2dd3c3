#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string_view>

#include "agent_plugin/finding.h"
#include "agent_plugin/queue_facts.h"

namespace mail_relay {

/// The object of section mail_relay_queue.
boost::json::object render_queue(std::string_view instance, std::int64_t now,
                                 const QueueFacts &facts, const Findings &findings);

}  // namespace mail_relay
