#pragma once

#include <cstdint>

#include "agent_plugin/config_facts.h"
#include "agent_plugin/configuration.h"
#include "common/file_tree.h"

namespace mail_relay {

ConfigFacts gather_config(const FileTree &files, const Configuration &configuration,
                          std::int64_t now);

}  // namespace mail_relay
