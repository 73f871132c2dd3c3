#pragma once

#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/service_facts.h"

namespace mail_relay {

/// Findings master_down, instance_down and spool_nearly_full.
Findings diagnose_service(const Instance &instance, const ServiceFacts &facts,
                          std::string_view queue_directory);

}  // namespace mail_relay
