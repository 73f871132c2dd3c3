#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/table_name.h"
#include "common/file_identity.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

struct TableFile {
    std::string path;
    std::uint32_t mode = 0;     ///< permission bits
    std::string owner;          ///< name, or number
    std::int64_t modified = 0;  ///< Unix seconds
    FileIdentity identity;
};

/// The state of a table on disk.
struct LookupTable {
    TableName table;
    /// The type that really opens it: another than table.type where Postfix 3.11 redirects hash
    /// and btree (non_bdb_migration_level).
    std::string effective_type;
    std::optional<bool> supported;    ///< compiled in or loadable; nullopt: not known
    bool indexed = false;             ///< Postfix reads a built file and not the source
    bool built_on_demand = false;     ///< Postfix builds a missing one itself (3.11, reindex)
    std::optional<TableFile> source;  ///< the text, or the ldap/sql client's own configuration
    std::optional<TableFile> built;   ///< ".db", ".lmdb", ".cdb", ".pag"
    bool source_missing = false;
    bool built_missing = false;
    /// Postfix's own rule (src/util/dict_db.c and its likes): stale is a source newer than the
    /// built file and older than 100 s. nullopt: nothing to compare, or not known.
    std::optional<bool> fresh;
    std::vector<LookupTable> parts;  ///< of a unionmap or pipemap
    Problems problems;
};

/// Looks at the files of a table. Reads no entry.
LookupTable examine_table(const FileTree &files, const TableName &table,
                          const Configuration &configuration, std::int64_t now);

/// Why the table cannot be asked for anything, as its files show; "" if it can.
std::string find_obstacle(const LookupTable &table);

/// The table itself and all its parts, in order: what files there are.
std::vector<const LookupTable *> flatten(const LookupTable &table);

}  // namespace mail_relay
