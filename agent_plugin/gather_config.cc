#include "agent_plugin/gather_config.h"

#include <array>
#include <string_view>

#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMailnameLimit = 4096;

// Parameters whose values are lists of tables alone.
constexpr auto kTableParameters = std::to_array<std::string_view>({
    "alias_maps",
    "canonical_maps",
    "fallback_transport_maps",
    "mailbox_transport_maps",
    "recipient_bcc_maps",
    "recipient_canonical_maps",
    "relay_recipient_maps",
    "relocated_maps",
    "sender_bcc_maps",
    "sender_canonical_maps",
    "sender_dependent_default_transport_maps",
    "sender_dependent_relayhost_maps",
    "smtp_generic_maps",
    "transport_maps",
    "virtual_alias_maps",
    "virtual_mailbox_maps",
});

/// Debian keeps the domain of local senders in a file: myorigin = /etc/mailname.
std::string read_origin(const FileTree &files, const Configuration &configuration,
                        Problems &problems) {
    std::string origin(configuration.get("myorigin"));
    if (!origin.starts_with('/')) {
        return origin;
    }
    const auto content = files.read(origin, kMailnameLimit);
    if (!content) {
        problems.push_back({"myorigin", content.error().message()});
        return "";
    }
    const auto words = split_list(*content);
    return words.empty() ? "" : words.front();
}

/// Only what main.cf sets: a default that names a table which is not there harms nobody who does
/// not use it.
void examine_tables(const FileTree &files, const Configuration &configuration, std::int64_t now,
                    ConfigFacts &facts) {
    for (const auto parameter : kTableParameters) {
        const bool is_used =
            parameter != "alias_maps" || !split_list(configuration.get("mydestination")).empty();
        if (!is_used || !configuration.is_set_in_main_cf(parameter)) {
            continue;
        }
        const auto tables = parse_table_list(configuration.smtp_client(parameter));
        if (!tables) {
            facts.problems.push_back({std::string(parameter), tables.error().message()});
            continue;
        }
        for (const auto &table : *tables) {
            // A bare "$alias_maps" or a domain name is no table.
            if (!table.type.empty()) {
                facts.tables.push_back(
                    {std::string(parameter), examine_table(files, table, configuration, now)});
            }
        }
    }
}

}  // namespace

ConfigFacts gather_config(const FileTree &files, const Configuration &configuration,
                          std::int64_t now) {
    ConfigFacts facts;
    facts.role = role_of(configuration);
    facts.origin = read_origin(files, configuration, facts.problems);
    facts.jail_differences = find_jail_differences(files, configuration, facts.problems);
    examine_tables(files, configuration, now, facts);
    for (const auto &used : facts.tables) {
        facts.problems.insert(facts.problems.end(), used.table.problems.begin(),
                              used.table.problems.end());
    }
    return facts;
}

}  // namespace mail_relay
