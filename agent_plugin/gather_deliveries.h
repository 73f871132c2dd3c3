#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/delivery_facts.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/settings.h"
#include "common/deadline.h"
#include "common/file_tree.h"

namespace mail_relay {

/// Reads what was logged since the last run, which a file below `state_directory` remembers ("":
/// nothing is remembered and every run is a first one). Ends soon after the deadline; the rest
/// comes in the next run.
DeliveryFacts gather_deliveries(const FileTree &files, const Configuration &configuration,
                                const Instance &instance, const Settings &settings,
                                const std::vector<SiteUser> &sites,
                                const std::string &state_directory, Deadline deadline,
                                std::int64_t now);

}  // namespace mail_relay
