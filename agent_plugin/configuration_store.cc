#include "agent_plugin/configuration_store.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <utility>

#include "common/atomic_file.h"

namespace mail_relay {

namespace {

constexpr std::size_t kCacheLimit = 1 << 20U;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

WatchedFile watch(const FileTree &files, std::string path) {
    const auto status = files.status(path);
    WatchedFile file{std::move(path), std::nullopt};
    if (status) {
        file.identity = identity_of(*status);
    }
    return file;
}

/// One file for each instance: "configuration_2fetc_2fpostfix.json" for /etc/postfix.
std::string cache_path(const ConfigurationAccess &access, const std::string &config_directory) {
    std::string name;
    for (const char c : config_directory) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '.';
        name +=
            is_plain ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
    return fmt::format("{}/configuration{}.json", access.state_directory, name);
}

}  // namespace

std::string host_name() {
    struct utsname names {};
    ::uname(&names);
    return static_cast<const char *>(names.nodename);
}

std::vector<WatchedFile> watched_files(const ConfigurationAccess &access,
                                       const std::string &config_directory,
                                       std::string_view meta_directory) {
    std::vector<WatchedFile> watched{watch(access.files, config_directory + "/main.cf"),
                                     watch(access.files, config_directory + "/master.cf"),
                                     watch(FileTree(), access.postconf_program)};
    // Since 3.1 map types are declared in meta_directory, before in config_directory.
    std::vector<std::string> places{config_directory};
    if (!meta_directory.empty() && meta_directory != config_directory) {
        places.emplace_back(meta_directory);
    }
    for (const auto &place : places) {
        watched.push_back(watch(access.files, place + "/dynamicmaps.cf"));
        const std::string folder = place + "/dynamicmaps.cf.d";
        watched.push_back(watch(access.files, folder));
        if (const auto names = access.files.list(folder)) {
            for (const auto &name : *names) {
                watched.push_back(watch(access.files, fmt::format("{}/{}", folder, name)));
            }
        }
    }
    return watched;
}

std::optional<CachedConfiguration> read_kept_configuration(const ConfigurationAccess &access,
                                                           const std::string &config_directory,
                                                           Problems &problems) {
    const std::string path = cache_path(access, config_directory);
    const FileTree here;
    const auto present = here.find(path, FollowLinks::kNo);
    if (present && !*present) {
        return std::nullopt;
    }
    const auto text = here.read(path, kCacheLimit, FollowLinks::kNo);
    if (!text) {
        problems.push_back({"configuration_cache", text.error().message()});
        return std::nullopt;
    }
    auto cached = parse_cached_configuration(*text);
    if (!cached) {
        problems.push_back({"configuration_cache", fmt::format("{}: {}; postconf is asked anew",
                                                               path, cached.error().message())});
        return std::nullopt;
    }
    if (*cached && (*cached)->config_directory != config_directory) {
        return std::nullopt;
    }
    return *std::move(cached);
}

bool still_holds(const CachedConfiguration &cached, const ConfigurationAccess &access) {
    return cached.host_name == host_name() &&
           cached.files == watched_files(access, cached.config_directory,
                                         cached.configuration.get("meta_directory"));
}

Result<void> keep_configuration(const ConfigurationAccess &access,
                                const CachedConfiguration &cached) {
    if (auto made = make_private_directory(access.state_directory); !made) {
        return made;
    }
    return write_file_atomically(cache_path(access, cached.config_directory),
                                 render_cached_configuration(cached));
}

bool changed_just_now(const std::vector<WatchedFile> &files, std::int64_t now) {
    return std::any_of(files.begin(), files.end(), [&](const WatchedFile &file) {
        return file.identity && file.identity->changed_ns > (now - 2) * kNanosecondsPerSecond;
    });
}

}  // namespace mail_relay
