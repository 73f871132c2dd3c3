#include "agent_plugin/jail.h"

#include <algorithm>
#include <optional>

#include "agent_plugin/file_reader.h"
#include "agent_plugin/service_port.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::size_t kFileLimit = 4 << 20U;

/// Names of services that only /etc/services gives a port.
std::vector<std::string> named_ports(const Configuration &configuration) {
    std::vector<std::string> names;
    for (const auto &relayhost : configuration.relayhosts()) {
        if (relayhost.has_named_port() &&
            !find_known_port(configuration.get("known_tcp_ports"), relayhost.service)) {
            names.push_back(relayhost.service);
        }
    }
    return names;
}

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
    if (!named_ports(configuration).empty()) {
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

/// How a copy differs; nullopt if it says the same. Search lists and options differ without harm:
/// Postfix asks for full names.
std::optional<JailFault> judge(const std::string &path, std::string_view host,
                               std::string_view jail, const Configuration &configuration) {
    if (path == "/etc/resolv.conf") {
        if (parse_name_servers(host) == parse_name_servers(jail)) {
            return std::nullopt;
        }
        return have_name_server_in_common(host, jail) ? JailFault::kHarmless : JailFault::kDiffers;
    }
    if (path == "/etc/services") {
        const auto names = named_ports(configuration);
        const bool same = std::all_of(names.begin(), names.end(), [&](const auto &name) {
            return find_service_port(host, name) == find_service_port(jail, name);
        });
        return same ? std::nullopt : std::optional(JailFault::kDiffers);
    }
    return parse_meaningful_lines(host) == parse_meaningful_lines(jail)
               ? std::nullopt
               : std::optional(JailFault::kDiffers);
}

/// Compares the jail's copies, which the smtp client reads as mail_owner, with the host's files.
class JailLook {
  public:
    JailLook(const FileTree &files, const Configuration &configuration, Problems &problems)
        : files_(files),
          configuration_(configuration),
          problems_(problems),
          reader_(files, configuration.get("mail_owner")) {}

    std::optional<JailDifference> compare(const std::string &path) const {
        const std::string jail(configuration_.get("queue_directory"));
        const std::string copy = jail + path;
        const auto host_text = files_.read(path, kFileLimit);
        if (!host_text) {
            return std::nullopt;
        }
        const auto found = files_.find(copy);
        if (found && !*found) {
            return JailDifference{path, copy, JailFault::kMissing};
        }
        for (const std::string &place : {jail + "/etc", copy}) {
            if (!reader_.may_read(place)) {
                return JailDifference{path, place, JailFault::kUnreadable};
            }
        }
        const auto jail_text = files_.read(copy, kFileLimit);
        if (!jail_text) {
            problems_.push_back({"chroot", jail_text.error().message()});
            return std::nullopt;
        }
        const auto fault = judge(path, *host_text, *jail_text, configuration_);
        return fault ? std::optional(JailDifference{path, copy, *fault}) : std::nullopt;
    }

  private:
    const FileTree &files_;
    const Configuration &configuration_;
    Problems &problems_;
    const FileReader reader_;
};

}  // namespace

std::vector<JailDifference> find_jail_differences(const FileTree &files,
                                                  const Configuration &configuration,
                                                  Problems &problems) {
    std::vector<JailDifference> differences;
    const MasterService *service = configuration.delivery_service();
    if (service == nullptr || !service->chroot) {
        return differences;
    }
    const JailLook look(files, configuration, problems);
    for (const auto &path : needed_files(configuration)) {
        if (auto difference = look.compare(path)) {
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
