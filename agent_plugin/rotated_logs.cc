#include "agent_plugin/rotated_logs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPackers{
    {{".gz", "gzip"}, {".xz", "xz"}, {".bz2", "bzip2"}, {".zst", "zstd"}}};

/// Its name before it was compressed; "" for one that is not.
std::string_view unpacked_name(std::string_view name) {
    for (const auto &[suffix, program] : kPackers) {
        if (name.ends_with(suffix)) {
            return name.substr(0, name.size() - suffix.size());
        }
    }
    return {};
}

/// The program for a compressed file; "" if the file is not compressed, nullopt if nothing here
/// unpacks it.
std::optional<std::string> unpacker_of(const FileTree &files, std::string_view name) {
    const auto kind = std::find_if(kPackers.begin(), kPackers.end(), [name](const auto &packer) {
        return name.ends_with(packer.first);
    });
    if (kind == kPackers.end()) {
        return "";
    }
    if (!files.is_this_host()) {
        return std::nullopt;
    }
    for (const std::string_view folder : {"/usr/bin/", "/bin/"}) {
        const std::string program = std::string(folder).append(kind->second);
        if (files.exists(program)) {
            return program;
        }
    }
    return std::nullopt;
}

/// "mail-20261121.log" for "mail.log": with a date, in front of the extension.
bool is_dated(std::string_view candidate, std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) {
        return false;
    }
    if (const auto unpacked = unpacked_name(candidate); !unpacked.empty()) {
        candidate = unpacked;
    }
    const std::string_view extension = name.substr(dot);
    if (!candidate.starts_with(name.substr(0, dot)) || !candidate.ends_with(extension) ||
        candidate.size() <= name.size() + 1 || candidate[dot] != '-') {
        return false;
    }
    const auto date = candidate.substr(dot + 1, candidate.size() - name.size() - 1);
    return date.find_first_not_of("0123456789-") == std::string_view::npos;
}

}  // namespace

std::vector<RotatedLog> find_rotated_logs(const FileTree &files, const std::string &path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
    const std::string name = path.substr(slash + 1);
    std::vector<RotatedLog> rotated;
    const auto names = files.list(folder);
    if (!names) {
        return rotated;
    }
    for (const std::string &candidate : *names) {
        const bool is_rotated =
            (candidate.size() > name.size() + 1 && candidate.starts_with(name) &&
             (candidate[name.size()] == '.' || candidate[name.size()] == '-')) ||
            is_dated(candidate, name);
        // While a file is compressed both are there.
        const bool is_double =
            std::find(names->begin(), names->end(), unpacked_name(candidate)) != names->end();
        if (!is_rotated || is_double) {
            continue;
        }
        const std::string full = std::filesystem::path(folder) / candidate;
        const auto status = files.status(full, FollowLinks::kNo);
        const auto unpacker = unpacker_of(files, candidate);
        if (status && unpacker && S_ISREG(status->st_mode)) {
            rotated.push_back({full, *unpacker, *status});
        }
    }
    std::sort(rotated.begin(), rotated.end(), [](const RotatedLog &one, const RotatedLog &other) {
        const auto key = [](const RotatedLog &log) {
            return std::tuple(log.status.st_mtim.tv_sec, log.status.st_mtim.tv_nsec);
        };
        return key(one) < key(other);
    });
    return rotated;
}

}  // namespace mail_relay
