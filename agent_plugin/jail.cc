#include "agent_plugin/jail.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::size_t kFileLimit = 4 << 20U;

/// The files that matter to this configuration.
std::vector<std::string> needed_files(const Configuration &configuration) {
    std::vector<std::string> needed;
    const auto lookups = split_list(configuration.smtp_client("smtp_host_lookup"));
    if (lookups.empty() || contains(lookups, "dns")) {
        needed.emplace_back("/etc/resolv.conf");
    }
    if (contains(lookups, "native")) {
        needed.emplace_back("/etc/hosts");
        needed.emplace_back("/etc/nsswitch.conf");
    }
    const auto relayhosts = configuration.relayhosts();
    const bool has_named_port =
        std::any_of(relayhosts.begin(), relayhosts.end(), [](const Relayhost &relayhost) {
            return !relayhost.service.empty() && relayhost.service.front() > '9';
        });
    if (has_named_port) {
        needed.emplace_back("/etc/services");
    }
    return needed;
}

bool have_name_server_in_common(std::string_view one, std::string_view other) {
    const auto servers = parse_name_servers(one);
    const auto others = parse_name_servers(other);
    return std::any_of(servers.begin(), servers.end(),
                       [&](const std::string &server) { return contains(others, server); });
}

/// Search lists and options differ without harm: Postfix asks for full names.
bool say_the_same(const std::string &path, std::string_view host, std::string_view jail) {
    if (path == "/etc/resolv.conf") {
        return parse_name_servers(host) == parse_name_servers(jail);
    }
    return parse_meaningful_lines(host) == parse_meaningful_lines(jail);
}

std::optional<JailDifference> compare(const FileTree &files, const std::string &path,
                                      const std::string &jail_path, Problems &problems) {
    const auto host = files.read(path, kFileLimit);
    if (!host) {
        return std::nullopt;
    }
    const auto found = files.find(jail_path);
    if (found && !*found) {
        return JailDifference{path, jail_path, true, false};
    }
    const auto jail = files.read(jail_path, kFileLimit);
    if (!jail) {
        problems.push_back({"chroot", jail.error().message()});
        return std::nullopt;
    }
    if (say_the_same(path, *host, *jail)) {
        return std::nullopt;
    }
    const bool is_harmless = path == "/etc/services" || (path == "/etc/resolv.conf" &&
                                                         have_name_server_in_common(*host, *jail));
    return JailDifference{path, jail_path, false, is_harmless};
}

}  // namespace

std::vector<JailDifference> find_jail_differences(const FileTree &files,
                                                  const Configuration &configuration,
                                                  Problems &problems) {
    std::vector<JailDifference> differences;
    const MasterService *service = configuration.delivery_service();
    if (service == nullptr || !service->chroot) {
        return differences;
    }
    for (const auto &path : needed_files(configuration)) {
        const std::string jail_path =
            fmt::format("{}{}", configuration.get("queue_directory"), path);
        if (auto difference = compare(files, path, jail_path, problems)) {
            differences.push_back(*std::move(difference));
        }
    }
    return differences;
}

std::vector<std::string> parse_meaningful_lines(std::string_view content) {
    std::vector<std::string> lines;
    while (!content.empty()) {
        const auto end = std::min(content.find('\n'), content.size());
        std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        line = line.substr(0, line.find_first_of("#;"));
        std::string words;
        for (const auto &word : split_list(line)) {
            words += words.empty() ? word : " " + word;
        }
        if (!words.empty()) {
            lines.push_back(std::move(words));
        }
    }
    return lines;
}

std::vector<std::string> parse_name_servers(std::string_view resolv_conf) {
    constexpr std::string_view kKeyword = "nameserver ";
    std::vector<std::string> servers;
    for (const auto &line : parse_meaningful_lines(resolv_conf)) {
        if (line.starts_with(kKeyword)) {
            servers.push_back(line.substr(kKeyword.size()));
        }
    }
    return servers;
}

}  // namespace mail_relay
