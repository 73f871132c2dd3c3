#pragma once

#include <string_view>

#include "agent_plugin/config_facts.h"
#include "agent_plugin/configuration.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// Findings about a host that hands its mail to a relayhost: relayhost_malformed,
/// relayhost_lacks_brackets, generic_map_missing, port25_exposed. A host without one has none.
Findings diagnose_relayhost(const Configuration &configuration, const ConfigFacts &facts,
                            const Repair &repair);

/// True for a host that large providers take submissions on ("smtp.gmail.com"): it is meant itself,
/// whatever MX records it has.
bool is_submission_host(std::string_view host);

/// True for a domain that means nothing outside: ".local", ".lan", a single label, ...
bool is_private_domain(std::string_view domain);

}  // namespace mail_relay
