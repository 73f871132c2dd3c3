#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>

#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/tls_facts.h"

namespace mail_relay {

/// The object of the instance in section mail_relay_tls.
boost::json::object render_tls(const Instance &instance, const TlsFacts &facts,
                               const Findings &findings, std::int64_t now);

}  // namespace mail_relay
