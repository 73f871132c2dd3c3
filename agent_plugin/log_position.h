#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay {

/// How many bytes before a position are enough to know a log again.
inline constexpr std::uint32_t kTailBytes = 512;

/// How far a file was read. What stands just before that place tells the file again when it has
/// been renamed, copied, truncated or compressed.
struct LogPosition {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;      ///< of the first byte not taken; a line begins there
    std::uint32_t tail_bytes = 0;  ///< how many bytes before it are hashed
    std::uint64_t tail_hash = 0;
    std::int64_t modified = 0;  ///< of the file when it was last read, Unix seconds
    bool inside_line = false;   ///< the offset lies in a line: the next one begins behind a newline

    bool operator==(const LogPosition &) const = default;
};

/// Where reading goes on in the next run.
struct LogProgress {
    std::optional<LogPosition> file;  ///< of the log, or of a rotated one not yet read to its end
    /// The rotated file that was read before: the syslog daemon writes there until it is told to
    /// open the new one. With its path, and until when it is watched.
    std::optional<LogPosition> previous;
    std::string previous_path;
    std::int64_t previous_until = 0;
    std::string cursor;               ///< of the journal's last entry that was read
    std::int64_t cursor_time_us = 0;  ///< when that entry was made, Unix microseconds

    bool operator==(const LogProgress &) const = default;
};

/// A hash of bytes that stays the same between versions of this program (FNV-1a).
std::uint64_t stable_hash(std::string_view bytes);

/// Hash and number of the bytes before `offset` of an open file; nullopt if they cannot be read.
struct LogTail {
    std::uint32_t bytes = 0;
    std::uint64_t hash = 0;
};
std::optional<LogTail> read_tail(int fd, std::uint64_t offset);

/// Whether the open file of `size` bytes holds what was read up to the position.
bool holds_position(int fd, std::uint64_t size, const LogPosition &position);

}  // namespace mail_relay
