#include "agent_plugin/relay_advice.h"

#include <fmt/format.h>

#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::string_view kExample = "[smtp.example.org]:587";

void append(std::vector<std::string> &commands, std::vector<std::string> more) {
    commands.insert(commands.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<std::string> login_advice(const Repair &repair, const Distribution &distribution,
                                      const std::string &relayhost) {
    const TableName table = repair.table_of_default_type("sasl_passwd");
    return {
        install_command(distribution, "libsasl2-modules", "cyrus-sasl-plain", "cyrus-sasl-plain"),
        // Readable for root alone before a password is in it; what is in it stays.
        fmt::format("touch {0}; chmod 600 {0}", shell_quote(table.name)),
        edit_command(distribution, table.name, relayhost + " USER:PASSWORD"),
        repair.build(table),
        repair.set("smtp_sasl_password_maps", printable(table)),
        repair.set("smtp_sasl_tls_security_options", "noanonymous"),
        repair.set("smtp_sasl_auth_enable", "yes"),
    };
}

std::vector<std::string> relay_advice(const Repair &repair, const Distribution &distribution) {
    std::vector<std::string> commands{
        fmt::format("# with your relay's name and port instead of {} wherever it stands:",
                    kExample),
        repair.set("smtp_tls_security_level", "encrypt"),
        repair.set("smtp_tls_CAfile", system_ca_file(distribution)),
        "# if it wants user and password:"};
    append(commands, login_advice(repair, distribution, std::string(kExample)));
    commands.emplace_back("# and last, so that no mail goes there too early:");
    commands.push_back(repair.set("relayhost", kExample));
    commands.push_back(repair.reload());
    commands.push_back(repair.flush());
    return commands;
}

}  // namespace mail_relay
