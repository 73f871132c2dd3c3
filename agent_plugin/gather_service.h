#pragma once

#include "agent_plugin/configuration.h"
#include "agent_plugin/service_facts.h"
#include "common/file_tree.h"

namespace mail_relay {

ServiceFacts gather_service(const FileTree &files, const Configuration &configuration,
                            const Distribution &distribution);

}  // namespace mail_relay
