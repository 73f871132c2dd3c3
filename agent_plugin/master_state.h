#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// Whether the master daemon of an instance runs. What could not be learned is null with a problem.
struct MasterState {
    std::optional<bool> running;
    std::optional<std::int64_t> pid;      ///< null when not running
    std::optional<std::int64_t> started;  ///< Unix seconds; null when not running
    Problems problems;
};

/// Tests the locks that a running master holds, as its pid file survives a stop. Without the right
/// to open them it asks the kernel's list of locks, which can only tell that master runs.
/// Source: Postfix src/master/master.c, src/global/open_lock.c; proc(5) on /proc/locks.
MasterState read_master_state(const FileTree &files, const std::string &queue_directory,
                              const std::string &data_directory);

/// The process that holds a lock on the file with this inode, by the text of /proc/locks.
std::optional<std::int64_t> parse_lock_holder(std::string_view locks, std::uint64_t inode);

/// When a process started, in clock ticks since boot, by the text of /proc/PID/stat.
std::optional<std::int64_t> parse_start_ticks(std::string_view stat);

/// When the kernel booted, Unix seconds, by the text of /proc/stat.
std::optional<std::int64_t> parse_boot_time(std::string_view stat);

}  // namespace mail_relay
