#include "agent_plugin/diagnose_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "agent_plugin/repair.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

/// Packages that bring a type; "" where it is part of the main package or does not exist.
struct TypePackages {
    std::string_view type;
    std::string_view debian;
    std::string_view red_hat;
    std::string_view suse;
};
constexpr auto kTypePackages =
    std::to_array<TypePackages>({{"lmdb", "postfix-lmdb", "postfix-lmdb", "postfix-lmdb"},
                                 {"cdb", "postfix-cdb", "postfix-cdb", ""},
                                 {"sdbm", "", "postfix-sdbm", ""},
                                 {"pcre", "postfix-pcre", "postfix-pcre", ""},
                                 {"ldap", "postfix-ldap", "postfix-ldap", "postfix-ldap"},
                                 {"mysql", "postfix-mysql", "postfix-mysql", "postfix-mysql"},
                                 {"pgsql", "postfix-pgsql", "postfix-pgsql", "postfix-postgresql"},
                                 {"sqlite", "postfix-sqlite", "postfix-sqlite", ""},
                                 {"mongodb", "postfix-mongodb", "", ""}});

std::string_view package_of(const TypePackages &packages, DistributionFamily family) {
    switch (family) {
        case DistributionFamily::kDebian:
            return packages.debian;
        case DistributionFamily::kRedHat:
            return packages.red_hat;
        case DistributionFamily::kSuse:
            return packages.suse;
        case DistributionFamily::kOther:
            return packages.debian;
    }
    return {};
}

class TableDiagnosis {
  public:
    TableDiagnosis(const TableUse &use, const Instance &instance,
                   const Configuration &configuration, const Distribution &distribution)
        : use_(use),
          configuration_(configuration),
          distribution_(distribution),
          repair_(instance, configuration) {}

    Findings diagnose(const LookupTable &table) const {
        Findings findings;
        for (const auto *part : flatten(table)) {
            if (part->supported == false && part->parts.empty()) {
                findings.push_back(unsupported(*part));
            } else if (part->built_missing && !part->built_on_demand) {
                findings.push_back(not_built(*part));
            } else if (part->fresh == false) {
                findings.push_back(stale(*part));
            } else if (!part->indexed && part->source_missing) {
                findings.push_back(missing(*part));
            }
        }
        return findings;
    }

  private:
    Finding finding(std::string_view id, Severity severity) const {
        Finding made;
        made.id = id;
        made.area = use_.area;
        made.severity = severity;
        return made;
    }

    /// The parameter's value with this table under another type.
    std::string value_with_type(const TableName &table, std::string_view type) const {
        std::string value(configuration_.smtp_client(use_.parameter));
        const std::string old_name = printable(table);
        const auto at = value.find(old_name);
        return at == std::string::npos
                   ? fmt::format("{}:{}", type, table.name)
                   : value.replace(at, old_name.size(), fmt::format("{}:{}", type, table.name));
    }

    /// The type this Postfix builds by default, if it can; else any it can.
    std::string best_indexed_type() const {
        std::vector<std::string> wanted = {std::string(configuration_.get("default_database_type")),
                                           "lmdb", "cdb", "hash"};
        const auto best = std::find_if(wanted.begin(), wanted.end(), [&](const auto &type) {
            return contains(configuration_.map_types, type);
        });
        return best == wanted.end() ? "" : *best;
    }

    std::vector<std::string> replace_type(const TableName &table, std::string_view type) const {
        if (type.empty() || holds_entries(configuration_table())) {
            return {};
        }
        TableName built = table;
        built.type = type;
        return {repair_.build(built), repair_.set(use_.parameter, value_with_type(table, type)),
                repair_.reload()};
    }

    /// The parameter as a whole: where one of its tables holds entries, no command repeats it.
    TableName configuration_table() const {
        TableName whole;
        const auto all = parse_table_list(configuration_.smtp_client(use_.parameter));
        if (all) {
            whole.parts = *all;
        } else {
            whole.name = "{";
        }
        return whole;
    }

    Finding unsupported(const LookupTable &table) const {
        Finding made = finding("map_type_unsupported", Severity::kCrit);
        const std::string shown = printable(table.table);
        if (table.table.type.empty()) {
            made.summary = fmt::format("{} names {} without a type: {}", use_.parameter, shown,
                                       use_.consequence);
            made.evidence = "Postfix: open dictionary: expecting \"type:name\" form";
            made.fix = replace_type(table.table, best_indexed_type());
            return made;
        }
        const std::string &type = table.effective_type;
        made.summary = fmt::format("This Postfix does not support the type of {}: {}", shown,
                                   use_.consequence);
        made.evidence =
            fmt::format("{} is not among {}", type, fmt::join(configuration_.map_types, ", "));
        const auto *const known =
            std::find_if(kTypePackages.begin(), kTypePackages.end(),
                         [&](const TypePackages &packages) { return packages.type == type; });
        const bool has_package =
            known != kTypePackages.end() && !package_of(*known, distribution_.family).empty();
        if (has_package) {
            made.fix = {install_command(distribution_, known->debian, known->red_hat, known->suse)};
            if (table.indexed && table.built_missing) {
                made.fix.push_back(repair_.build(table.table));
            }
            made.fix.push_back(repair_.reload());
        } else if (table.indexed && table.parts.empty()) {
            made.fix = replace_type(table.table, best_indexed_type());
        }
        return made;
    }

    Finding not_built(const LookupTable &table) const {
        Finding made = finding("map_not_built", Severity::kCrit);
        made.summary = fmt::format("{} is not built: {}", printable(table.table), use_.consequence);
        made.evidence = table.source_missing
                            ? fmt::format("neither it nor its source {} exists", table.table.name)
                            : fmt::format("{} exists, its index file does not", table.table.name);
        if (table.source_missing) {
            made.fix.push_back(write_first(table.table));
        }
        // A smtp client that failed to open the table remembers that while it runs.
        made.fix.insert(made.fix.end(),
                        {repair_.build(table.table), repair_.reload(), repair_.flush()});
        return made;
    }

    Finding stale(const LookupTable &table) const {
        Finding made = finding("map_stale", Severity::kWarn);
        made.summary = fmt::format("{} is older than its source: changes of {} have no effect",
                                   printable(table.table), table.source->path);
        made.evidence =
            fmt::format("the source is {} s newer", table.source->modified - table.built->modified);
        made.fix = {repair_.build(table.table)};
        return made;
    }

    Finding missing(const LookupTable &table) const {
        Finding made = finding("map_not_built", Severity::kCrit);
        made.summary =
            fmt::format("The file of {} is missing: {}", printable(table.table), use_.consequence);
        made.evidence = fmt::format("{} does not exist", table.table.name);
        made.fix = {write_first(table.table), repair_.reload(), repair_.flush()};
        return made;
    }

    /// What it has to hold only the administrator knows.
    std::string write_first(const TableName &table) const {
        return edit_command(distribution_, table.name,
                            fmt::format("write it, or take it out of {}", use_.parameter));
    }

    TableUse use_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
};

}  // namespace

Findings diagnose_table(const LookupTable &table, const TableUse &use, const Instance &instance,
                        const Configuration &configuration, const Distribution &distribution) {
    return TableDiagnosis(use, instance, configuration, distribution).diagnose(table);
}

}  // namespace mail_relay
