#include "agent_plugin/configuration.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent_plugin/next_hop.h"
#include "common/ascii.h"

namespace mail_relay {

bool says_yes(std::string_view value) {
    return same_word(value, "yes");
}

std::string_view Configuration::get(std::string_view name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Configuration::smtp_client(std::string_view name) const {
    if (const MasterService *service = delivery_service()) {
        const auto found = service->overrides.find(name);
        if (found != service->overrides.end()) {
            return found->second;
        }
    }
    return get(name);
}

bool Configuration::is_set_in_main_cf(std::string_view name) const {
    return std::find(set_in_main_cf.begin(), set_in_main_cf.end(), name) != set_in_main_cf.end();
}

const MasterService *Configuration::delivery_service() const {
    // "smtp", or with a next hop of its own "smtp:[gateway.example.org]".
    const std::string_view transport = get("default_transport");
    const std::string_view wanted = transport.substr(0, transport.find(':'));
    const auto found =
        std::find_if(services.begin(), services.end(), [&](const MasterService &service) {
            return service.type == "unix" && service.name == wanted;
        });
    return found == services.end() ? nullptr : &*found;
}

std::vector<Relayhost> Configuration::relayhosts() const {
    auto parsed = parse_relayhosts(next_hop_of(*this));
    if (!parsed) {
        return {};
    }
    for (auto &relayhost : *parsed) {
        const auto found = service_ports.find(relayhost.service);
        if (found != service_ports.end()) {
            relayhost.port = found->second;
        }
    }
    return *std::move(parsed);
}

bool Configuration::is_yes(std::string_view name) const {
    return says_yes(get(name));
}

bool Configuration::smtp_client_is_yes(std::string_view name) const {
    return says_yes(smtp_client(name));
}

std::optional<std::pair<int, int>> Configuration::version() const {
    const std::string_view text = get("mail_version");
    const char *end = text.data() + text.size();
    std::pair<int, int> numbers;
    const auto major = std::from_chars(text.data(), end, numbers.first);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
        return std::nullopt;
    }
    const auto minor = std::from_chars(major.ptr + 1, end, numbers.second);
    if (minor.ec != std::errc()) {
        return std::nullopt;
    }
    return numbers;
}

}  // namespace mail_relay
