#include "agent_plugin/role.h"

#include <algorithm>

#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

/// master_service_disable: "inet", "submission.inet"; before 3.3 "submission/inet".
bool is_disabled(const Configuration &configuration, const MasterService &service) {
    const auto entries = split_list(configuration.get("master_service_disable"));
    return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) {
        if (entry == service.type) {
            return true;
        }
        const auto separator = entry.find_last_of("./");
        return separator != std::string_view::npos && entry.substr(0, separator) == service.name &&
               entry.substr(separator + 1) == service.type;
    });
}

/// Whether any of inet_interfaces is more than this host.
bool listens_to_others(const Configuration &configuration) {
    const auto interfaces = split_list(configuration.get("inet_interfaces"));
    return !std::all_of(interfaces.begin(), interfaces.end(), is_loopback);
}

}  // namespace

std::string_view role_name(Role role) {
    switch (role) {
        case Role::kSatellite:
            return "satellite";
        case Role::kGateway:
            return "gateway";
        case Role::kDirect:
            return "direct";
        case Role::kServer:
            return "server";
    }
    return "server";
}

bool is_loopback(std::string_view interface) {
    if (interface.starts_with('[') && interface.ends_with(']')) {
        interface = interface.substr(1, interface.size() - 2);
    }
    return interface == "loopback-only" || interface.starts_with("localhost") ||
           interface.starts_with("127.") || interface.starts_with("ip6-l") || interface == "::1";
}

std::string reachable_smtp_service(const Configuration &configuration) {
    for (const auto &service : configuration.services) {
        const bool is_smtp_server = service.command == "smtpd" || service.command == "postscreen";
        if (service.type != "inet" || !is_smtp_server || is_disabled(configuration, service)) {
            continue;
        }
        // "smtp" listens on inet_interfaces, "192.0.2.1:smtp" and "[::1]:smtp" where they say.
        const auto colon = service.name.rfind(':');
        const bool is_reachable = colon == std::string::npos
                                      ? listens_to_others(configuration)
                                      : !is_loopback(service.name.substr(0, colon));
        if (is_reachable) {
            return service.name;
        }
    }
    return "";
}

std::optional<Role> role_of(const Configuration &configuration) {
    if (configuration.services.empty() || configuration.get("inet_interfaces").empty()) {
        return std::nullopt;
    }
    // "smtp:[gateway.example.org]": a relayhost by another name.
    const std::string_view transport = configuration.get("default_transport");
    const auto colon = transport.find(':');
    const bool has_next_hop = colon != std::string_view::npos && colon + 1 < transport.size();
    const bool has_relay = has_next_hop || !split_list(configuration.get("relayhost")).empty();
    const bool is_reachable = !reachable_smtp_service(configuration).empty();
    if (has_relay) {
        return is_reachable ? Role::kGateway : Role::kSatellite;
    }
    return is_reachable ? Role::kServer : Role::kDirect;
}

}  // namespace mail_relay
