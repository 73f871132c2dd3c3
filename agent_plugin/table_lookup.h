#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "agent_plugin/fact_cache.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/lookup_table.h"
#include "common/deadline.h"
#include "common/file_tree.h"
#include "common/result.h"

namespace mail_relay {

/// Turns a looked-up value, which may be a secret, into the word that may be kept and shown.
using ReduceValue = std::function<std::string(std::string_view)>;

/// Asks lookup tables through postmap(1) of the same Postfix. Values are read into memory that is
/// wiped; only their reduced form leaves and is kept. An unchanged table is asked once for each
/// key; one without a file, every five minutes.
class TableLookup {
  public:
    /// `files`, `instance` and `cache` are kept. `deadline` ends all lookups together.
    TableLookup(const FileTree &files, const Instance &instance, const Configuration &configuration,
                FactCache &cache, Deadline deadline, std::int64_t now);

    /// The reduced value under `key`; nullopt: no entry. `purpose` names the reduction: the same
    /// table and key may be asked for different ones. Fails for tables that cannot be asked safely
    /// and for whatever postmap fails at; the error never repeats text that may be an entry.
    Result<std::optional<std::string>> ask(const LookupTable &table, const std::string &key,
                                           std::string_view purpose, const ReduceValue &reduce);

  private:
    Result<std::optional<std::string>> run_postmap(const LookupTable &table, const std::string &key,
                                                   const ReduceValue &reduce);
    Result<std::string> outside_name(const LookupTable &table) const;
    std::string identity(const LookupTable &table);

    const FileTree &files_;
    const Instance &instance_;
    FactCache &cache_;
    Deadline deadline_;
    std::int64_t now_;
    std::string postmap_;
    std::string configuration_identity_;  // main.cf and postmap; "" before it is needed
    std::map<std::string, Error, std::less<>> broken_;  // tables that failed once are left alone
};

}  // namespace mail_relay
