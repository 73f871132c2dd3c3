#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/configuration_store.h"
#include "common/deadline.h"
#include "common/problem.h"

namespace mail_relay {

/// The settings of one instance and how they were had.
struct ConfigurationReading {
    Configuration configuration;
    /// The settings are postconf's answer, of now or of an earlier time. Otherwise they are what
    /// main.cf writes, without defaults, services and types: good for finding directories alone.
    bool is_resolved = false;
    std::int64_t read_at = 0;  ///< when postconf answered, Unix seconds; 0 if it did not
    std::string rejection;     ///< why Postfix does not accept its configuration; "" if it does
    Problems problems;
};

/// What other sections say of settings that are not known: where it is told why.
Problems told_elsewhere(const ConfigurationReading &settings);

/// Takes postconf's earlier answer if nothing it depends on has changed; else asks postconf and
/// keeps the answer; if that fails takes the earlier answer anyway, or main.cf as it is written.
ConfigurationReading gather_configuration(const ConfigurationAccess &access,
                                          const std::string &config_directory, Deadline deadline,
                                          std::int64_t now);

}  // namespace mail_relay
