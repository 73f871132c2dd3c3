#include "agent_plugin/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::size_t kOsReleaseLimit = 65536;

/// The value of an os-release line: bare, or in quotes with backslashes as in a shell.
std::string unquote(std::string_view value) {
    while (!value.empty() && (value.back() == ' ' || value.back() == '\r')) {
        value.remove_suffix(1);
    }
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.front() == value.back();
    if (!quoted) {
        return std::string(value);
    }
    const bool has_escapes = value.front() == '"';
    value = value.substr(1, value.size() - 2);
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (has_escapes && value[i] == '\\' && i + 1 < value.size()) {
            ++i;
        }
        text += value[i];
    }
    return text;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

DistributionFamily family_of(std::string_view id) {
    if (is_one_of(id, {"debian", "ubuntu", "raspbian", "linuxmint", "devuan"})) {
        return DistributionFamily::kDebian;
    }
    if (is_one_of(id, {"rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn"})) {
        return DistributionFamily::kRedHat;
    }
    if (is_one_of(id, {"suse", "sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed"})) {
        return DistributionFamily::kSuse;
    }
    return DistributionFamily::kOther;
}

/// The first family among `names`, which blanks separate.
DistributionFamily family_of_any(std::string_view names) {
    while (!names.empty()) {
        const auto end = std::min(names.find(' '), names.size());
        const auto family = family_of(names.substr(0, end));
        if (family != DistributionFamily::kOther) {
            return family;
        }
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return DistributionFamily::kOther;
}

/// Red Hat's family before dnf: EL 7 and older, Amazon Linux 1 (2018.03) and 2.
bool has_only_yum(const Distribution &distribution) {
    int major = 0;
    const auto &version = distribution.version_id;
    std::from_chars(version.data(), version.data() + version.size(), major);
    if (distribution.id == "amzn") {
        return major == 2 || major == 2018;
    }
    return major > 0 && major < 8;
}

}  // namespace

Distribution parse_os_release(std::string_view content) {
    Distribution distribution;
    std::string like;
    while (!content.empty()) {
        const auto end = std::min(content.find('\n'), content.size());
        const std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (key == "ID") {
            distribution.id = unquote(value);
        } else if (key == "ID_LIKE") {
            like = unquote(value);
        } else if (key == "VERSION_ID") {
            distribution.version_id = unquote(value);
        } else if (key == "PRETTY_NAME") {
            distribution.pretty_name = unquote(value);
        }
    }
    distribution.family = family_of_any(distribution.id + " " + like);
    return distribution;
}

Distribution read_distribution(const FileTree &files) {
    Distribution distribution;
    for (const auto *path : {"/etc/os-release", "/usr/lib/os-release"}) {
        if (const auto content = files.read(path, kOsReleaseLimit)) {
            distribution = parse_os_release(*content);
            break;
        }
    }
    distribution.lacks_ca_file = !files.exists(system_ca_file(distribution));
    return distribution;
}

std::string install_command(const Distribution &distribution, std::string_view debian,
                            std::string_view red_hat, std::string_view suse) {
    switch (distribution.family) {
        case DistributionFamily::kDebian:
            return fmt::format("apt install {}", shell_quote(debian));
        case DistributionFamily::kRedHat:
            return fmt::format("{} install {}", has_only_yum(distribution) ? "yum" : "dnf",
                               shell_quote(red_hat));
        case DistributionFamily::kSuse:
            return fmt::format("zypper install {}", shell_quote(suse));
        case DistributionFamily::kOther:
            break;
    }
    if (red_hat.empty() || suse.empty()) {
        return fmt::format("# install what Debian calls {}", debian);
    }
    return fmt::format("# install what Debian calls {}, Red Hat {} and SUSE {}", debian, red_hat,
                       suse);
}

std::string edit_command(const Distribution &distribution, std::string_view file,
                         std::string_view hint) {
    return fmt::format("{} {}  # {}",
                       distribution.family == DistributionFamily::kDebian ? "editor" : "vi",
                       shell_quote(file), hint);
}

std::string system_ca_file(const Distribution &distribution) {
    switch (distribution.family) {
        case DistributionFamily::kRedHat:
            return "/etc/pki/tls/certs/ca-bundle.crt";
        case DistributionFamily::kSuse:
            return "/etc/ssl/ca-bundle.pem";
        case DistributionFamily::kDebian:
        case DistributionFamily::kOther:
            break;
    }
    return "/etc/ssl/certs/ca-certificates.crt";
}

std::string restart_command(std::string_view instance_name) {
    if (instance_name == "postfix") {
        return "systemctl restart postfix";
    }
    return fmt::format("postmulti -i {} -p start", shell_quote(instance_name));
}

}  // namespace mail_relay
