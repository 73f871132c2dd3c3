#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// Times, numbers, yes/no words and the like that Postfix's programs do not understand: they end as
/// soon as they are started, and nothing of it shows in what postconf says.
Findings diagnose_values(const Configuration &configuration, const Repair &repair);

}  // namespace mail_relay
