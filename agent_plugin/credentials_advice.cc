#include "agent_plugin/credentials_advice.h"

#include <fmt/format.h>

#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::string_view kMaps = "smtp_sasl_password_maps";

/// The key as text in a shell comment: one line, nothing hidden.
std::string shown_key(std::string_view relayhost) {
    std::string quoted = shell_quote(relayhost);
    return quoted.starts_with('\'') ? quoted.substr(1, quoted.size() - 2) : quoted;
}

std::string shown_entry(std::string_view key) {
    return fmt::format("{} USER:PASSWORD", shown_key(key));
}

}  // namespace

std::vector<std::string> CredentialsAdvice::first_table() const {
    const TableName table = repair_.table_of_default_type("sasl_passwd");
    const auto relayhosts = configuration_.relayhosts();
    return {fmt::format("touch {0}; chmod 600 {0}", shell_quote(table.name)),
            edit(table.name, relayhosts.empty() ? "RELAYHOST" : relayhosts.front().written),
            repair_.build(table),
            repair_.set(kMaps, printable(table)),
            repair_.reload(),
            repair_.flush()};
}

std::vector<std::string> CredentialsAdvice::entry(std::string_view key) const {
    for (const auto &map : facts_.credentials.maps) {
        for (const auto *part : flatten(map.table)) {
            if (!part->source) {
                continue;
            }
            return {edit(part->source->path, key),
                    part->indexed ? repair_.build(part->table) : repair_.reload(), repair_.flush()};
        }
    }
    return {fmt::format("# what {} names needs an entry: {}", kMaps, shown_entry(key)),
            repair_.flush()};
}

std::string CredentialsAdvice::edit(std::string_view file, std::string_view key) const {
    return edit_command(distribution_, file, shown_entry(key));
}

}  // namespace mail_relay
