#include "agent_plugin/ca_file_advice.h"

namespace mail_relay {

std::vector<std::string> restore_ca_file(const Distribution &distribution) {
    constexpr std::string_view kPackage = "ca-certificates";
    std::vector<std::string> commands{install_command(distribution, kPackage, kPackage, kPackage)};
    switch (distribution.family) {
        case DistributionFamily::kDebian:
            commands.emplace_back("update-ca-certificates --fresh");
            break;
        case DistributionFamily::kRedHat:
            commands.emplace_back("update-ca-trust extract");
            break;
        case DistributionFamily::kSuse:
            commands.emplace_back("update-ca-certificates");
            break;
        case DistributionFamily::kOther:
            break;
    }
    return commands;
}

std::vector<std::string> ca_file_advice(const Repair &repair, const Distribution &distribution) {
    std::vector<std::string> commands;
    if (distribution.lacks_ca_file) {
        commands = restore_ca_file(distribution);
    }
    commands.push_back(repair.set("smtp_tls_CAfile", system_ca_file(distribution)));
    return commands;
}

}  // namespace mail_relay
