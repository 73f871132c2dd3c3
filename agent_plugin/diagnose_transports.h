#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

/// What master.cf and the transports make of mail for other hosts: services that are missing, mail
/// that is deferred or thrown away by intention. Source: Postfix src/qmgr/, discard(8).
Findings diagnose_transports(const Configuration &configuration, const Repair &repair);

}  // namespace mail_relay
