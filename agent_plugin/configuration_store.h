#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration_cache.h"
#include "common/file_tree.h"
#include "common/problem.h"
#include "common/result.h"

namespace mail_relay {

/// Where postconf is, what it reads, and where its answers are kept.
struct ConfigurationAccess {
    const FileTree &files;
    std::string postconf_program;  ///< absolute path on this host, whatever tree is examined
    std::string state_directory;   ///< where answers are kept; "" for nowhere
};

/// The name of this host as uname(2) tells it.
std::string host_name();

/// All files that decide what postconf answers about an instance, as they are now.
std::vector<WatchedFile> watched_files(const ConfigurationAccess &access,
                                       const std::string &config_directory,
                                       std::string_view meta_directory);

/// The answer kept for an instance, whether or not it still holds; nullopt if there is none. One
/// that cannot be read is a problem.
std::optional<CachedConfiguration> read_kept_configuration(const ConfigurationAccess &access,
                                                           const std::string &config_directory,
                                                           Problems &problems);

/// True if nothing the answer depends on has changed.
bool still_holds(const CachedConfiguration &cached, const ConfigurationAccess &access);

/// Keeps an answer for the next run.
Result<void> keep_configuration(const ConfigurationAccess &access,
                                const CachedConfiguration &cached);

/// True if a file changed so shortly before `now` that it could change once more without its times
/// showing it: an answer of now may not be kept.
bool changed_just_now(const std::vector<WatchedFile> &files, std::int64_t now);

}  // namespace mail_relay
