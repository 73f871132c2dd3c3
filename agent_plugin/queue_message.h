#pragma once

#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent_plugin/defer_log.h"
#include "agent_plugin/queue_file.h"
#include "common/unique_fd.h"

namespace mail_relay {

enum class ReadOutcome {
    kRead,
    kVanished,    ///< delivered or moved since it was listed
    kNotAFile,    ///< a link, a FIFO, ...
    kUnreadable,  ///< errno says why
};

/// Status of a queue file without opening it.
ReadOutcome read_queue_file_status(int folder_fd, const char *name, struct stat &status);

/// Reads the heads of queue files, a few hundred bytes of each. Leaves no trace: not even the
/// access time changes, if the system lets us. `head` leads into this object's buffers.
class QueueFileReader {
  public:
    ReadOutcome read(int folder_fd, const char *name, struct stat &status, QueueFileHead &head);

  private:
    std::array<char, 2048> head_bytes_{};
    std::array<char, 2048> more_bytes_{};
};

/// Reads the last entries of defer logs below a queue directory. One for each thread.
class DeferLogReader {
  public:
    DeferLogReader(int queue_directory_fd, int hash_depth)
        : root_fd_(queue_directory_fd), hash_depth_(hash_depth) {}

    /// `entry` leads into this object's buffer and is empty if the log says nothing usable.
    ReadOutcome read(std::string_view queue_id, struct stat &status,
                     std::optional<DeferLogEntry> &entry);

  private:
    ReadOutcome open(std::string_view queue_id, int hash_depth, UniqueFd &file,
                     struct stat &status);
    int folder_of(std::string_view queue_id, int hash_depth);

    int root_fd_;
    int hash_depth_;
    std::unordered_map<std::string, UniqueFd> folders_;
    std::array<char, 4096> tail_{};
    std::string long_tail_;
};

}  // namespace mail_relay
