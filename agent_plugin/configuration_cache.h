#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "common/file_identity.h"
#include "common/result.h"

namespace mail_relay {

/// A file on which postconf's answer depends; without identity when it did not exist.
struct WatchedFile {
    std::string path;
    std::optional<FileIdentity> identity;

    bool operator==(const WatchedFile &) const = default;
};

/// What postconf answered once, and all that the answer depends on.
struct CachedConfiguration {
    std::string config_directory;
    std::string host_name;  ///< of which Postfix makes the default of myhostname
    std::int64_t read_at = 0;
    std::vector<WatchedFile> files;
    Configuration configuration;
};

/// The text of a cache file.
std::string render_cached_configuration(const CachedConfiguration &cached);

/// nullopt: written by another version of this program. An Error: damaged.
Result<std::optional<CachedConfiguration>> parse_cached_configuration(std::string_view text);

/// False when a value holds a password (smtp_sasl_password_maps = inline:{...}), which no file of
/// ours may keep.
bool may_be_cached(const Configuration &configuration);

}  // namespace mail_relay
