#pragma once

#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/lookup_table.h"

namespace mail_relay {

/// Where a table is used, and what breaks without it.
struct TableUse {
    std::string_view parameter;  ///< "smtp_sasl_password_maps"
    Area area = Area::kConfig;
    std::string_view consequence;  ///< "the smtp client defers all mail"
};

/// map_type_unsupported, map_not_built and map_stale for one table of a parameter and its parts.
Findings diagnose_table(const LookupTable &table, const TableUse &use, const Instance &instance,
                        const Configuration &configuration, const Distribution &distribution);

}  // namespace mail_relay
