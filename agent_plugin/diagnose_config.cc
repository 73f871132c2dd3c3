#include "agent_plugin/diagnose_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/diagnose_table.h"
#include "agent_plugin/diagnose_transports.h"
#include "agent_plugin/diagnose_values.h"
#include "agent_plugin/postconf.h"
#include "agent_plugin/repair.h"
#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

void append(Findings &findings, Findings more) {
    std::move(more.begin(), more.end(), std::back_inserter(findings));
}

std::optional<Finding> rejected(const InstanceReading &reading) {
    if (reading.settings.rejection.empty()) {
        return std::nullopt;
    }
    const std::string directory = shell_quote(reading.instance.config_directory);
    return Finding{"configuration_rejected",
                   Area::kConfig,
                   Severity::kCrit,
                   "Postfix does not accept its configuration: it will not start or reload",
                   reading.settings.rejection,
                   {fmt::format("postfix -c {} check", directory),
                    fmt::format("# correct main.cf or master.cf in {}", directory)}};
}

/// "…/main.cf: unused parameter: NAME"; of master.cf in the same words.
std::optional<Finding> unknown_parameters(const Configuration &configuration,
                                          const Repair &repair) {
    constexpr std::string_view kUnused = ": unused parameter: ";
    std::vector<std::string> names;
    std::vector<std::string> fix;
    for (const auto &warning : configuration.warnings) {
        const auto start = warning.find(kUnused);
        if (start == std::string::npos) {
            continue;
        }
        names.push_back(warning.substr(start + kUnused.size()));
        // The warning does not say which service of master.cf has it.
        const bool in_master_cf = warning.substr(0, start).ends_with("master.cf");
        fix.push_back(in_master_cf ? fmt::format("{} -PX {}", repair.command("postconf"),
                                                 shell_quote("*/*/" + names.back()))
                                   : repair.remove_from_main_cf(names.back()));
    }
    if (names.empty()) {
        return std::nullopt;
    }
    return Finding{
        "unknown_parameter",
        Area::kConfig,
        Severity::kWarn,
        "The configuration sets what Postfix does not know: a misspelled setting has no effect",
        fmt::format("unused parameter: {}", fmt::join(names, ", ")),
        fix};
}

/// The newest level that changes anything: 3.6 since Postfix 3.6, before 2.
std::optional<Finding> old_level(const Configuration &configuration, const Repair &repair) {
    const auto level = compatibility_level(configuration);
    const auto version = configuration.version();
    if (!level || !version || *version < std::pair(3, 0)) {
        return std::nullopt;
    }
    const bool is_new = *version >= std::pair(3, 6);
    if (*level >= (is_new ? std::pair(3, 6) : std::pair(2, 0))) {
        return std::nullopt;
    }
    return Finding{
        "old_compatibility_level",
        Area::kConfig,
        Severity::kInfo,
        "Postfix uses defaults of an older version",
        fmt::format("compatibility_level = {}", configuration.get("compatibility_level")),
        {repair.set("compatibility_level", is_new ? "3.6" : "2"), repair.reload()}};
}

bool uses_berkeley_db(const TableName &table) {
    return table.type == "hash" || table.type == "btree" ||
           std::any_of(table.parts.begin(), table.parts.end(), uses_berkeley_db);
}

std::optional<Finding> berkeley_db(const ConfigFacts &facts, const Configuration &configuration,
                                   const Distribution &distribution) {
    std::vector<std::string> used;
    const auto check = [&used](std::string_view parameter, const TableName &table) {
        if (uses_berkeley_db(table)) {
            used.push_back(fmt::format("{} = {}", parameter, printable(table)));
        }
    };
    for (const auto &table : facts.tables) {
        check(table.parameter, table.table.table);
    }
    for (const auto *parameter : {"smtp_sasl_password_maps", "smtp_tls_policy_maps"}) {
        if (const auto tables = parse_table_list(configuration.smtp_client(parameter))) {
            for (const auto &table : *tables) {
                check(parameter, table);
            }
        }
    }
    if (used.empty()) {
        return std::nullopt;
    }
    const bool has_lmdb = std::find(configuration.map_types.begin(), configuration.map_types.end(),
                                    "lmdb") != configuration.map_types.end();
    std::vector<std::string> fix;
    if (!has_lmdb) {
        fix.push_back(
            install_command(distribution, "postfix-lmdb", "postfix-lmdb", "postfix-lmdb"));
    }
    fix.emplace_back("# then postmap lmdb:FILE for each table and name it lmdb:FILE in main.cf");
    return Finding{"berkeley_db_maps",
                   Area::kConfig,
                   Severity::kInfo,
                   "Lookup tables are Berkeley DB files, which Red Hat Enterprise Linux 10 cannot "
                   "read any more",
                   fmt::format("{}", fmt::join(used, "; ")),
                   fix};
}

/// Aliases are built by a program of their own.
void use_postalias(Findings &findings) {
    constexpr std::string_view kPostmap = "postmap ";
    for (auto &finding : findings) {
        for (auto &command : finding.fix) {
            if (command.starts_with(kPostmap)) {
                command.replace(0, kPostmap.size(), "postalias ");
            }
        }
    }
}

Findings tables(const InstanceReading &reading, const ConfigFacts &facts,
                const Distribution &distribution) {
    Findings findings;
    for (const auto &used : facts.tables) {
        auto of_table = diagnose_table(
            used.table, {used.parameter, Area::kConfig, "Postfix defers the mail that needs it"},
            reading.instance, reading.settings.configuration, distribution);
        if (used.parameter == "alias_maps") {
            use_postalias(of_table);
        }
        append(findings, std::move(of_table));
    }
    return findings;
}

std::string jail_evidence(const JailDifference &difference, const Configuration &configuration) {
    switch (difference.fault) {
        case JailFault::kMissing:
            return fmt::format("{} is missing", difference.jail_path);
        case JailFault::kUnreadable:
            return fmt::format("{} cannot be read by {}", difference.jail_path,
                               configuration.get("mail_owner"));
        case JailFault::kDiffers:
        case JailFault::kHarmless:
            break;
    }
    return fmt::format("{} differs from {}", difference.jail_path, difference.path);
}

std::string jail_fix(const JailDifference &difference) {
    return difference.fault == JailFault::kUnreadable
               ? fmt::format("chmod a+rX {}", shell_quote(difference.jail_path))
               : fmt::format("install -D -m 644 {} {}", shell_quote(difference.path),
                             shell_quote(difference.jail_path));
}

std::optional<Finding> chroot_drift(const ConfigFacts &facts, const InstanceReading &reading,
                                    const Distribution &distribution) {
    if (facts.jail_differences.empty()) {
        return std::nullopt;
    }
    const auto &differences = facts.jail_differences;
    const bool is_harmless = std::all_of(
        differences.begin(), differences.end(),
        [](const JailDifference &difference) { return difference.fault == JailFault::kHarmless; });
    const bool copies_help =
        std::none_of(differences.begin(), differences.end(), [](const JailDifference &difference) {
            return difference.fault == JailFault::kUnreadable;
        });
    const Repair repair(reading.instance, reading.settings.configuration);
    std::vector<std::string> evidence;
    std::vector<std::string> fix;
    for (const auto &difference : differences) {
        evidence.push_back(jail_evidence(difference, reading.settings.configuration));
        fix.push_back(jail_fix(difference));
    }
    if (copies_help && distribution.family == DistributionFamily::kDebian &&
        reading.instance.is_default) {
        fix = {repair.restart()};  // the unit copies them
    } else {
        fix.push_back(repair.reload());
    }
    return Finding{"chroot_drift",
                   Area::kConfig,
                   is_harmless ? Severity::kWarn : Severity::kCrit,
                   "The smtp client resolves names in its jail with other files than this host",
                   fmt::format("{}", fmt::join(evidence, "; ")),
                   fix};
}

}  // namespace

Findings diagnose_config(const InstanceReading &reading, const ConfigFacts &facts,
                         const Distribution &distribution) {
    Findings findings;
    const auto add = [&](std::optional<Finding> finding) {
        if (finding) {
            findings.push_back(*std::move(finding));
        }
    };
    add(rejected(reading));
    if (!reading.settings.is_resolved) {
        return findings;
    }
    const Configuration &configuration = reading.settings.configuration;
    const Repair repair(reading.instance, configuration);
    add(unknown_parameters(configuration, repair));
    append(findings, diagnose_values(configuration, repair));
    append(findings, diagnose_transports(configuration, repair));
    append(findings, diagnose_relayhost(configuration, facts, repair));
    append(findings, tables(reading, facts, distribution));
    add(chroot_drift(facts, reading, distribution));
    add(old_level(configuration, repair));
    add(berkeley_db(facts, configuration, distribution));
    return findings;
}

}  // namespace mail_relay
