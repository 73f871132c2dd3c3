#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>

#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/sasl_facts.h"

namespace mail_relay {

/// The object of the instance in section mail_relay_sasl.
boost::json::object render_sasl(const Instance &instance, const SaslFacts &facts,
                                const Findings &findings, std::int64_t now);

}  // namespace mail_relay
