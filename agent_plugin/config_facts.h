#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/jail.h"
#include "agent_plugin/lookup_table.h"
#include "agent_plugin/role.h"
#include "common/problem.h"

namespace mail_relay {

/// A lookup table and the parameter that names it.
struct UsedTable {
    std::string parameter;
    LookupTable table;
};

/// What the settings of one instance lead to on its host.
struct ConfigFacts {
    std::vector<UsedTable> tables;  ///< outside of SASL and TLS
    std::vector<JailDifference> jail_differences;
    std::string origin;  ///< domain of local senders: myorigin, or what the file it names says
    std::optional<Role> role;
    Problems problems;
};

}  // namespace mail_relay
