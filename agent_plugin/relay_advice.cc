#include "agent_plugin/relay_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "agent_plugin/ca_file_advice.h"
#include "agent_plugin/shell_quote.h"
#include "agent_plugin/table_name.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::string_view kExample = "[smtp.example.org]:587";
constexpr std::string_view kPasswordMaps = "smtp_sasl_password_maps";

// Tables made from a text file of keys and values; a plain file is read as it is.
constexpr std::string_view kPlainFile = "texthash";
constexpr auto kFileTypes =
    std::to_array<std::string_view>({"hash", "btree", "lmdb", "cdb", "dbm", "sdbm", kPlainFile});

void append(std::vector<std::string> &commands, std::vector<std::string> more) {
    commands.insert(commands.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

/// The first table that is a file of entries and is edited by hand, also as part of a unionmap.
std::optional<TableName> find_table_file(const std::vector<TableName> &tables) {
    for (const TableName &table : tables) {
        if (table.name.starts_with('/') && contains(kFileTypes, table.type)) {
            return table;
        }
        if (auto part = find_table_file(table.parts)) {
            return part;
        }
    }
    return std::nullopt;
}

/// How user and password come into the table that is named, or into a first one.
std::vector<std::string> password_advice(const Repair &repair, const Configuration &configuration,
                                         const Distribution &distribution,
                                         const std::string &relayhost) {
    const std::string tables(configuration.smtp_client(kPasswordMaps));
    const auto all = parse_table_list(tables);
    const auto named = all ? find_table_file(*all) : std::nullopt;
    if (!tables.empty() && !named) {
        return {fmt::format("# add user and password for {} to {}", relayhost,
                            printable_tables(tables))};
    }
    const TableName table = named.value_or(repair.table_of_default_type("sasl_passwd"));
    std::vector<std::string> commands{
        // Readable for root alone before a password is in it; what is in it stays.
        fmt::format("touch {0}; chmod 600 {0}", shell_quote(table.name)),
        edit_command(distribution, table.name, relayhost + " USER:PASSWORD")};
    if (table.type != kPlainFile) {
        commands.push_back(repair.build(table));
    }
    if (!named) {
        commands.push_back(repair.set(kPasswordMaps, printable(table)));
    }
    return commands;
}

}  // namespace

std::vector<std::string> login_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution,
                                      const std::string &relayhost) {
    std::vector<std::string> commands{
        install_command(distribution, "libsasl2-modules", "cyrus-sasl-plain", "cyrus-sasl-plain")};
    append(commands, password_advice(repair, configuration, distribution, relayhost));
    commands.push_back(repair.set("smtp_sasl_tls_security_options", "noanonymous"));
    commands.push_back(repair.set("smtp_sasl_auth_enable", "yes"));
    return commands;
}

std::vector<std::string> relay_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution) {
    std::vector<std::string> commands{
        fmt::format("# with your relay's name and port instead of {} wherever it stands:",
                    kExample),
        repair.set("smtp_tls_security_level", "encrypt")};
    append(commands, ca_file_advice(repair, distribution));
    commands.emplace_back("# if it wants user and password:");
    append(commands, login_advice(repair, configuration, distribution, std::string(kExample)));
    commands.emplace_back("# and last, so that no mail goes there too early:");
    commands.push_back(repair.set_next_hop(kExample));
    commands.push_back(repair.reload());
    commands.push_back(repair.flush());
    return commands;
}

}  // namespace mail_relay
