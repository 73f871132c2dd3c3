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

std::vector<std::string> login_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution,
                                      const std::string &relayhost) {
    const std::string directory(configuration.get("config_directory").empty()
                                    ? "/etc/postfix"
                                    : configuration.get("config_directory"));
    const std::string_view type = configuration.get("default_database_type");
    const std::string table =
        fmt::format("{}:{}/sasl_passwd", type.empty() ? "hash" : type, directory);
    const std::string file = shell_quote(directory + "/sasl_passwd");
    return {
        install_command(distribution, "libsasl2-modules", "cyrus-sasl-plain", "cyrus-sasl-plain"),
        fmt::format("install -m 600 /dev/null {}", file),
        "# with an editor write this line into it, with your user and password:",
        fmt::format("#   {} USER:PASSWORD", relayhost),
        fmt::format("postmap {}", shell_quote(table)),
        repair.set("smtp_sasl_password_maps", table),
        repair.set("smtp_sasl_tls_security_options", "noanonymous"),
        repair.set("smtp_sasl_auth_enable", "yes"),
    };
}

std::vector<std::string> relay_advice(const Repair &repair, const Configuration &configuration,
                                      const Distribution &distribution) {
    std::vector<std::string> commands{
        fmt::format("# with your relay's name and port instead of {} wherever it stands:",
                    kExample),
        repair.set("smtp_tls_security_level", "encrypt"),
        repair.set("smtp_tls_CAfile", system_ca_file(distribution)),
        "# if it wants user and password:"};
    append(commands, login_advice(repair, configuration, distribution, std::string(kExample)));
    commands.emplace_back("# and last, so that no mail goes there too early:");
    commands.push_back(repair.set("relayhost", kExample));
    commands.push_back(repair.reload());
    commands.push_back(repair.flush());
    return commands;
}

}  // namespace mail_relay
