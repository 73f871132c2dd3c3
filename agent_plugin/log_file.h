#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "agent_plugin/log_position.h"
#include "common/file_tree.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// A log, open for reading.
struct LogFile {
    UniqueFd fd;
    struct stat status {};

    std::uint64_t size() const { return static_cast<std::uint64_t>(status.st_size); }
};

/// Fails for what is no regular file.
Result<LogFile> open_log(const FileTree &files, const std::string &path, FollowLinks follow);

/// The place before the first line.
LogPosition position_at_start(const LogFile &log);

bool has_inode(const LogFile &log, const LogPosition &position);

/// Whether it is the file that was read up to the position: by what it holds; one that held nothing
/// yet by its inode.
bool holds(const LogFile &log, const LogPosition &position);

}  // namespace mail_relay
