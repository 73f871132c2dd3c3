#include "agent_plugin/lookup_table.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "agent_plugin/file_owner.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kFreshnessGraceSeconds = 100;

/// Types that postmap(1) builds, and the file that Postfix then reads.
struct IndexedType {
    std::string_view type;
    std::string_view suffix;
};
constexpr auto kIndexedTypes = std::to_array<IndexedType>({{"hash", ".db"},
                                                           {"btree", ".db"},
                                                           {"lmdb", ".lmdb"},
                                                           {"cdb", ".cdb"},
                                                           {"dbm", ".pag"},
                                                           {"sdbm", ".pag"}});

// Read as they are at start, by the type's own parser.
constexpr auto kTextTypes = std::to_array<std::string_view>({"texthash", "regexp", "pcre", "cidr"});

// The name is a file that says how to reach a server; without a slash, parameters of main.cf do.
constexpr auto kClientTypes =
    std::to_array<std::string_view>({"ldap", "mysql", "pgsql", "sqlite", "memcache", "mongodb"});

std::string_view built_suffix(std::string_view type) {
    const auto *const found =
        std::find_if(kIndexedTypes.begin(), kIndexedTypes.end(),
                     [&](const IndexedType &known) { return known.type == type; });
    return found == kIndexedTypes.end() ? std::string_view() : found->suffix;
}

/// Looks at one file; a missing one is no problem here, whatever else fails is.
std::optional<TableFile> examine_file(const FileTree &files, const std::string &path, bool &missing,
                                      Problems &problems) {
    const auto found = files.find(path);
    if (!found) {
        problems.push_back({path, found.error().message()});
        return std::nullopt;
    }
    const auto &status = *found;
    if (!status) {
        missing = true;
        return std::nullopt;
    }
    // Nobody is told to chmod a folder, and postmap would wait for a FIFO's writer.
    if (!S_ISREG(status->st_mode)) {
        problems.push_back({path, fmt::format("{} is not a regular file", path)});
        return std::nullopt;
    }
    return TableFile{.path = path,
                     .mode = status->st_mode & 07777U,
                     .owner = read_user_name(files, status->st_uid),
                     .modified = status->st_mtim.tv_sec,
                     .identity = identity_of(*status)};
}

/// Source: Postfix 3.11 src/global/nbdb_util.c.
std::string redirected_type(const TableName &table, const Configuration &configuration) {
    if (table.type != "hash" && table.type != "btree") {
        return table.type;
    }
    const std::string_view level = configuration.get("non_bdb_migration_level");
    if (level != "enable-redirect" && level != "enable-reindex") {
        return table.type;
    }
    return std::string(configuration.get(table.type == "hash" ? "default_database_type"
                                                              : "default_cache_db_type"));
}

std::optional<bool> is_supported(const LookupTable &state, const Configuration &configuration) {
    if (state.table.type.empty()) {
        return false;
    }
    if (configuration.map_types.empty()) {
        return std::nullopt;
    }
    std::optional<bool> supported =
        contains(configuration.map_types, state.effective_type) &&
        (!state.table.proxied || contains(configuration.map_types, "proxy"));
    for (const auto &part : state.parts) {
        if (part.supported != true) {
            supported = false;
        }
    }
    return supported;
}

std::optional<bool> is_fresh(const LookupTable &state, std::int64_t now) {
    if (!state.built || !state.source) {
        return std::nullopt;
    }
    return state.source->modified <= state.built->modified ||
           state.source->modified >= now - kFreshnessGraceSeconds;
}

}  // namespace

LookupTable examine_table(const FileTree &files, const TableName &table,
                          const Configuration &configuration, std::int64_t now) {
    LookupTable state;
    state.table = table;
    state.effective_type = redirected_type(table, configuration);
    for (const auto &part : table.parts) {
        state.parts.push_back(examine_table(files, part, configuration, now));
    }
    state.supported = is_supported(state, configuration);

    const std::string_view suffix = built_suffix(state.effective_type);
    const bool is_path = table.name.starts_with('/') || table.name.starts_with('.');
    const bool is_file =
        !holds_entries(table) && (!suffix.empty() || contains(kTextTypes, table.type) ||
                                  (contains(kClientTypes, table.type) && is_path));
    if (!is_file) {
        return state;
    }
    // Daemons work in the queue directory: a relative name is looked for there.
    const std::string path =
        table.name.starts_with('/')
            ? table.name
            : fmt::format("{}/{}", configuration.get("queue_directory"), table.name);
    state.source = examine_file(files, path, state.source_missing, state.problems);
    if (!suffix.empty()) {
        state.indexed = true;
        state.built_on_demand = state.effective_type != table.type &&
                                configuration.get("non_bdb_migration_level") == "enable-reindex";
        state.built = examine_file(files, fmt::format("{}{}", path, suffix), state.built_missing,
                                   state.problems);
        state.fresh = is_fresh(state, now);
    }
    return state;
}

std::string find_obstacle(const LookupTable &table) {
    for (const auto *part : flatten(table)) {
        const std::string shown = printable(part->table);
        if (part->supported == false) {
            return fmt::format("the type of {} is not supported", shown);
        }
        if (part->built_missing) {
            return fmt::format("{} is not built", shown);
        }
        if (!part->indexed && part->source_missing) {
            return fmt::format("the file of {} is missing", shown);
        }
        if (!part->problems.empty()) {
            return part->problems.front().error;
        }
    }
    return "";
}

std::vector<const LookupTable *> flatten(const LookupTable &table) {
    std::vector<const LookupTable *> all = {&table};
    for (const auto &part : table.parts) {
        const auto nested = flatten(part);
        all.insert(all.end(), nested.begin(), nested.end());
    }
    return all;
}

}  // namespace mail_relay
