#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace mail_relay {

/// What decides whether a file is still the one that was read.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    bool operator==(const FileIdentity &) const = default;
};

FileIdentity identity_of(const struct stat &status);

}  // namespace mail_relay
