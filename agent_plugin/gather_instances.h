#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/gather_configuration.h"
#include "agent_plugin/instance.h"
#include "common/deadline.h"

namespace mail_relay {

/// An instance and its settings.
struct InstanceReading {
    Instance instance;
    ConfigurationReading settings;
    Problems problems;  ///< of the list of instances
};

/// The instances to report on: those of `directories`, which count as enabled, or if none are named
/// the default one and the enabled ones of its multi_instance_directories. Empty on a host without
/// Postfix.
std::vector<InstanceReading> gather_instances(const ConfigurationAccess &access,
                                              const std::vector<std::string> &directories,
                                              Deadline deadline, std::int64_t now);

}  // namespace mail_relay
