#pragma once

#include <cstdint>

#include "agent_plugin/configuration.h"
#include "agent_plugin/fact_cache.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/sasl_facts.h"
#include "agent_plugin/table_lookup.h"
#include "common/file_tree.h"

namespace mail_relay {

/// What it learns from tables stays in `cache`, which `lookup` uses, too.
SaslFacts gather_sasl(const FileTree &files, const Instance &instance,
                      const Configuration &configuration, FactCache &cache, TableLookup &lookup,
                      std::int64_t now);

}  // namespace mail_relay
