#include "agent_plugin/log_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "agent_plugin/rotated_logs.h"
#include "common/child_process.h"

namespace mail_relay {

namespace {

constexpr std::size_t kBlockBytes = 256U << 10U;  // fits a second-level cache
constexpr std::int64_t kWatchPrevious_s = 3600;

/// Passes on the whole lines of what is put in; what is left over waits for more. A line longer
/// than the buffer is left out.
class LineBlocks {
  public:
    LineBlocks(const LineSink &sink, bool inside_line)
        : sink_(sink), buffer_(kBlockBytes), skips_line_(inside_line) {}

    char *room() { return buffer_.data() + kept_; }
    std::size_t room_bytes() const { return buffer_.size() - kept_; }

    /// Bytes were put into the room.
    void added(std::size_t bytes) {
        const std::size_t end = kept_ + bytes;
        taken_ += bytes;
        std::size_t start = 0;
        if (skips_line_) {
            const void *newline = std::memchr(buffer_.data(), '\n', end);
            if (newline == nullptr) {
                kept_ = 0;
                return;
            }
            skips_line_ = false;
            start = offset_of(newline) + 1;
        }
        const void *last = ::memrchr(buffer_.data() + start, '\n', end - start);
        if (last != nullptr) {
            const std::size_t lines_end = offset_of(last) + 1;
            sink_({buffer_.data() + start, lines_end - start});
            start = lines_end;
        }
        kept_ = end - start;
        if (kept_ == buffer_.size()) {
            skips_line_ = true;
            kept_ = 0;
        }
        std::memmove(buffer_.data(), buffer_.data() + start, kept_);
    }

    /// Bytes that are done with.
    std::uint64_t done() const { return taken_ - kept_; }
    bool inside_line() const { return skips_line_; }

  private:
    std::size_t offset_of(const void *place) const {
        return static_cast<std::size_t>(static_cast<const char *>(place) - buffer_.data());
    }

    const LineSink &sink_;
    std::vector<char> buffer_;
    std::size_t kept_ = 0;
    std::uint64_t taken_ = 0;
    bool skips_line_;
};

/// The unpacked content of a compressed log, piece by piece.
class PackedLog {
  public:
    PackedLog(const LogPosition &position, const LineSink &sink)
        : start_(position), blocks_(sink, position.inside_line) {}

    /// False: the file is not the one that was read before.
    bool take(std::string_view piece) {
        const std::uint64_t begin = at_;
        at_ += piece.size();
        recent_ += piece;
        if (begin < start_.offset && at_ >= start_.offset && !holds_start()) {
            is_foreign_ = true;
            return false;
        }
        if (at_ > start_.offset) {
            piece.remove_prefix(begin < start_.offset ? start_.offset - begin : 0);
            while (!piece.empty()) {
                const std::size_t bytes = std::min(piece.size(), blocks_.room_bytes());
                std::memcpy(blocks_.room(), piece.data(), bytes);
                blocks_.added(bytes);
                piece.remove_prefix(bytes);
            }
        }
        if (recent_.size() > 4 * kBlockBytes) {
            recent_.erase(0, recent_.size() - 2 * kBlockBytes);
        }
        return true;
    }

    bool is_ours() const { return !is_foreign_ && at_ >= start_.offset; }

    void move_on(LogPosition &position) const {
        position.offset = start_.offset + blocks_.done();
        position.inside_line = blocks_.inside_line();
        position.tail_bytes =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(position.offset, kTailBytes));
        position.tail_hash = stable_hash(before(position.offset, position.tail_bytes));
    }

  private:
    /// The bytes that end at `offset` of the content; it is among the recent ones.
    std::string_view before(std::uint64_t offset, std::size_t bytes) const {
        const std::string_view recent = recent_;
        return recent.substr(recent.size() - (at_ - offset) - bytes, bytes);
    }

    bool holds_start() const {
        return stable_hash(before(start_.offset, start_.tail_bytes)) == start_.tail_hash;
    }

    const LogPosition start_;
    LineBlocks blocks_;
    std::string recent_;
    std::uint64_t at_ = 0;
    bool is_foreign_ = false;
};

class LogReader {
  public:
    LogReader(const FileTree &files, const std::string &path, LogProgress &progress,
              const LogLimits &limits, std::int64_t now, const LineSink &sink)
        : files_(files),
          path_(path),
          progress_(progress),
          limits_(limits),
          now_(now),
          sink_(sink) {}

    LogReading run() && {
        read_previous();
        const auto current = open_log(path_);
        if (!current && progress_.file) {
            // Rotation has renamed it and nobody has written since.
            find_rotated(false);
            return std::move(reading_);
        }
        if (!current) {
            problem(current.error().message());
        } else if (!progress_.file) {
            begin(*current);
        } else if (is_same(*current)) {
            read_file(current->fd.get(), *progress_.file);
        } else if (find_rotated(true)) {
            progress_.file = position_at_start(*current);
            read_file(current->fd.get(), *progress_.file);
        }
        return std::move(reading_);
    }

  private:
    struct OpenLog {
        UniqueFd fd;
        struct stat status {};
        std::uint64_t size() const { return static_cast<std::uint64_t>(status.st_size); }
    };

    void problem(std::string error) { reading_.problems.push_back({"log", std::move(error)}); }

    Result<OpenLog> open_log(const std::string &path,
                             FollowLinks follow = FollowLinks::kYes) const {
        auto fd = files_.open(path, O_RDONLY | O_NOCTTY, follow);
        if (!fd) {
            return fd.error();
        }
        OpenLog log{*std::move(fd), {}};
        if (::fstat(log.fd.get(), &log.status) != 0) {
            return failed("cannot examine {}: {}", path, std::strerror(errno));
        }
        if (!S_ISREG(log.status.st_mode)) {
            return failed("cannot read {}: not a regular file", path);
        }
        return log;
    }

    static LogPosition position_at_start(const OpenLog &log) {
        LogPosition position;
        position.device = log.status.st_dev;
        position.inode = log.status.st_ino;
        return position;
    }

    static bool has_inode(const OpenLog &log, const LogPosition &position) {
        return log.status.st_dev == position.device && log.status.st_ino == position.inode;
    }

    /// A file read before: by what it holds; one that held nothing yet by its inode.
    bool is_same(const OpenLog &log) const {
        const LogPosition &position = *progress_.file;
        return position.tail_bytes == 0 ? has_inode(log, position) && log.size() >= position.offset
                                        : holds_position(log.fd.get(), log.size(), position);
    }

    void begin(const OpenLog &log) {
        LogPosition position = position_at_start(log);
        if (log.size() > limits_.first_bytes) {
            position.offset = log.size() - limits_.first_bytes;
            position.inside_line = true;
            reading_.skipped_bytes = position.offset;
        }
        progress_.file = position;
        read_file(log.fd.get(), *progress_.file);
    }

    /// Reads to the end or until time is up; true: the end.
    bool read_file(int fd, LogPosition &position) {
        LineBlocks blocks(sink_, position.inside_line);
        const std::uint64_t start = position.offset;
        std::uint64_t at = start;
        bool at_end = false;
        while (!at_end && !limits_.deadline.expired()) {
            const ssize_t got =
                ::pread(fd, blocks.room(), blocks.room_bytes(), static_cast<off_t>(at));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                problem(fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
                break;
            }
            at_end = got == 0;
            at += static_cast<std::uint64_t>(got);
            blocks.added(static_cast<std::size_t>(got));
        }
        position.offset = start + blocks.done();
        position.inside_line = blocks.inside_line();
        struct stat status {};
        if (::fstat(fd, &status) == 0) {
            position.device = status.st_dev;
            position.inode = status.st_ino;
            position.modified = status.st_mtim.tv_sec;
            const auto size = static_cast<std::uint64_t>(status.st_size);
            reading_.behind_bytes += at_end || size < at ? 0 : size - at;
        }
        if (const auto tail = read_tail(fd, position.offset)) {
            position.tail_bytes = tail->bytes;
            position.tail_hash = tail->hash;
        }
        reading_.complete = reading_.complete && at_end;
        return at_end;
    }

    enum class Outcome { kForeign, kEnd, kLate };

    /// Reads what a compressed file holds behind the position, if it holds that.
    Outcome read_packed(const RotatedLog &log, LogPosition &position) {
        PackedLog packed(position, sink_);
        const auto end = stream_child({log.unpacker, "-dc", log.path}, limits_.deadline,
                                      [&](std::string_view piece) { return packed.take(piece); });
        if (packed.is_ours()) {
            packed.move_on(position);
        }
        if (end && *end == StreamEnd::kLate) {
            reading_.complete = false;
            return Outcome::kLate;
        }
        if (packed.is_ours() && !end) {
            problem(end.error().message());
        }
        return packed.is_ours() ? Outcome::kEnd : Outcome::kForeign;
    }

    /// Reads the rest of the file that was read before and all that rotation has put after it.
    /// True: the log itself can be read from its start.
    bool find_rotated(bool log_is_there) {
        const std::vector<RotatedLog> rotated = find_rotated_logs(files_, path_);
        auto next = rotated.begin();
        for (; next != rotated.end(); ++next) {
            if (next->status.st_mtim.tv_sec < progress_.file->modified) {
                continue;
            }
            const Outcome outcome = read_rotated(*next, false);
            if (outcome == Outcome::kLate) {
                return false;
            }
            if (outcome == Outcome::kEnd) {
                break;
            }
        }
        if (next != rotated.end()) {
            ++next;
        } else if (!log_is_there) {
            return false;
        } else {
            next = note_gap(rotated);
        }
        for (; next != rotated.end(); ++next) {
            progress_.file = LogPosition();
            if (read_rotated(*next, true) == Outcome::kLate) {
                return false;
            }
        }
        return true;
    }

    /// The first of the files that were begun after the one that is gone.
    std::vector<RotatedLog>::const_iterator note_gap(const std::vector<RotatedLog> &rotated) {
        ++reading_.gaps;
        problem(
            fmt::format("lines of {} were gone before they were read: it was replaced or "
                        "emptied, and what it held is not beside it",
                        path_));
        return std::find_if(rotated.begin(), rotated.end(), [this](const RotatedLog &log) {
            return log.status.st_mtim.tv_sec > progress_.file->modified;
        });
    }

    /// Reads a rotated file from the position on, if it holds that or is known to be new.
    Outcome read_rotated(const RotatedLog &rotated, bool is_new) {
        LogPosition &position = *progress_.file;
        if (!rotated.unpacker.empty()) {
            return read_packed(rotated, position);
        }
        const auto log = open_log(rotated.path, FollowLinks::kNo);
        if (!log || (!is_new && !is_same(*log))) {
            return Outcome::kForeign;
        }
        const bool at_end = read_file(log->fd.get(), position);
        progress_.previous = position;
        progress_.previous_path = rotated.path;
        progress_.previous_until = now_ + kWatchPrevious_s;
        return at_end ? Outcome::kEnd : Outcome::kLate;
    }

    void read_previous() {
        if (!progress_.previous) {
            return;
        }
        const auto log = open_log(progress_.previous_path, FollowLinks::kNo);
        const bool is_there = log && has_inode(*log, *progress_.previous) &&
                              holds_position(log->fd.get(), log->size(), *progress_.previous);
        if (is_there && log->size() > progress_.previous->offset) {
            read_file(log->fd.get(), *progress_.previous);
        }
        if (!is_there || now_ > progress_.previous_until) {
            progress_.previous.reset();
        }
    }

    const FileTree &files_;
    const std::string &path_;
    LogProgress &progress_;
    const LogLimits &limits_;
    const std::int64_t now_;
    const LineSink &sink_;
    LogReading reading_;
};

}  // namespace

LogReading read_log(const FileTree &files, const std::string &path, LogProgress &progress,
                    const LogLimits &limits, std::int64_t now, const LineSink &sink) {
    return LogReader(files, path, progress, limits, now, sink).run();
}

}  // namespace mail_relay
