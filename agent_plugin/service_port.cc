#include "agent_plugin/service_port.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::size_t kServicesLimit = 4 << 20U;

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char *const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    return parsed.ec == std::errc() && parsed.ptr == end && port != 0 ? std::optional(port)
                                                                      : std::nullopt;
}

/// "submission 587/tcp msa # comment"
std::optional<std::uint16_t> port_of_line(std::string_view line, std::string_view name) {
    auto words = split_list(line.substr(0, line.find('#')));
    if (words.size() < 2 || !words[1].ends_with("/tcp")) {
        return std::nullopt;
    }
    const std::string number = words[1].substr(0, words[1].size() - 4);
    words.erase(words.begin() + 1);
    return contains(words, name) ? parse_port(number) : std::nullopt;
}

}  // namespace

std::optional<std::uint16_t> find_service_port(std::string_view services, std::string_view name) {
    while (!services.empty()) {
        const auto end = std::min(services.find('\n'), services.size());
        const std::string_view line = services.substr(0, end);
        services.remove_prefix(std::min(end + 1, services.size()));
        if (line.find(name) == std::string_view::npos) {
            continue;  // as nearly all of them
        }
        if (const auto port = port_of_line(line, name)) {
            return port;
        }
    }
    return std::nullopt;
}

std::optional<std::uint16_t> find_known_port(std::string_view known_tcp_ports,
                                             std::string_view name) {
    for (const std::string_view entry : split_list(known_tcp_ports)) {
        const auto last = entry.rfind('=');
        if (last == std::string_view::npos) {
            continue;
        }
        std::string_view names = entry.substr(0, last);
        while (!names.empty()) {
            const auto end = std::min(names.find('='), names.size());
            if (names.substr(0, end) == name) {
                return parse_port(entry.substr(last + 1));
            }
            names.remove_prefix(std::min(end + 1, names.size()));
        }
    }
    return std::nullopt;
}

void resolve_service_names(const FileTree &files, Configuration &configuration,
                           Problems &problems) {
    std::optional<Result<std::string>> services;  // read when the first name needs it
    for (const auto &relayhost : configuration.relayhosts()) {
        const std::string &name = relayhost.service;
        if (!relayhost.has_named_port()) {
            continue;
        }
        if (const auto known = find_known_port(configuration.get("known_tcp_ports"), name)) {
            configuration.service_ports.insert_or_assign(name, *known);
            continue;
        }
        if (!services) {
            services = files.read("/etc/services", kServicesLimit);
            if (!*services) {
                problems.push_back({"relayhost", services->error().message()});
            }
        }
        if (*services) {
            configuration.service_ports.insert_or_assign(
                name, find_service_port(**services, name).value_or(0));
        }
    }
}

}  // namespace mail_relay
