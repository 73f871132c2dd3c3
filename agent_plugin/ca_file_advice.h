#pragma once

#include <string>
#include <vector>

#include "agent_plugin/distribution.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// Commands that give the smtp client the distribution's own bundle of certificate authorities.
/// Where that is not there, Postfix would turn TLS off for it: they make it first.
std::vector<std::string> ca_file_advice(const Repair &repair, const Distribution &distribution);

/// Commands that make the distribution's bundle, or make it anew where it is damaged.
std::vector<std::string> restore_ca_file(const Distribution &distribution);

}  // namespace mail_relay
