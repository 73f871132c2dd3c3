#include "agent_plugin/log_reader.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/log_file.h"
#include "agent_plugin/packed_log.h"
#include "agent_plugin/rotated_logs.h"
#include "common/child_process.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kWatchPrevious_s = 3600;
constexpr std::chrono::milliseconds kTimeEnough(1000);

class LogReader {
  public:
    LogReader(const FileTree &files, const std::string &path, LogProgress &progress,
              const LogLimits &limits, std::int64_t now, const LineSink &sink)
        : files_(files),
          path_(path),
          progress_(progress),
          limits_(limits),
          now_(now),
          sink_(sink),
          had_time_(limits.deadline.left() >= kTimeEnough) {}

    LogReading run() && {
        read_previous();
        const auto current = open_log(files_, path_, FollowLinks::kYes);
        if (!current && !progress_.file) {
            problem(current.error().message());
        } else if (!current) {
            // As a rule rotation has renamed it and nobody has written since.
            if (read_rotated_files(false) == Rotated::kNotFound) {
                problem(current.error().message());
            }
        } else if (!progress_.file) {
            begin(*current);
        } else if (holds(*current, *progress_.file) || is_to_be_begun(*current)) {
            read_file(current->fd.get(), *progress_.file);
        }
        return std::move(reading_);
    }

  private:
    void problem(std::string error) { reading_.problems.push_back({"log", std::move(error)}); }

    /// Reads what rotation has put before the log; the position is at the log's start then.
    bool is_to_be_begun(const LogFile &log) {
        if (read_rotated_files(true) == Rotated::kLate) {
            return false;
        }
        progress_.file = position_at_start(log);
        return true;
    }

    void begin(const LogFile &log) {
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
        const bool is_ours = packed.is_ours();
        if (is_ours) {
            packed.move_on(position);
        }
        if (end && *end == StreamEnd::kLate) {
            reading_.complete = false;
            return Outcome::kLate;
        }
        if (is_ours && !end) {
            problem(end.error().message());
        }
        return is_ours ? Outcome::kEnd : Outcome::kForeign;
    }

    /// Reads a rotated file from the position on, if it holds that or is known to be new.
    Outcome read_rotated(const RotatedLog &rotated, LogPosition &position, bool is_new) {
        if (!rotated.unpacker.empty()) {
            // Nothing but its age tells a file of which nothing was read.
            const bool is_older =
                position.tail_bytes == 0 && rotated.status.st_mtim.tv_sec <= position.modified;
            return !is_new && is_older ? Outcome::kForeign : read_packed(rotated, position);
        }
        const auto log = open_log(files_, rotated.path, FollowLinks::kNo);
        if (!log || (!is_new && !holds(*log, position))) {
            return Outcome::kForeign;
        }
        return read_file(log->fd.get(), position) ? Outcome::kEnd : Outcome::kLate;
    }

    enum class Rotated {
        kRead,      ///< all that stands before the log
        kLate,      ///< not all yet
        kNotFound,  ///< the file that was read before is gone
    };

    /// Reads the rest of the file that was read before and the files that rotation put after it.
    Rotated read_rotated_files(bool log_is_there) {
        const std::vector<RotatedLog> rotated = find_rotated_logs(files_, path_);
        auto at = rotated.begin();
        Outcome outcome = Outcome::kForeign;
        for (; at != rotated.end(); ++at) {
            if (at->status.st_mtim.tv_sec >= progress_.file->modified) {
                outcome = read_rest(*at);
            }
            if (outcome != Outcome::kForeign) {
                break;
            }
        }
        if (outcome == Outcome::kForeign && !log_is_there) {
            return Rotated::kNotFound;
        }
        if (outcome == Outcome::kForeign) {
            note_gap("it was replaced or emptied, and what it held is not beside it");
            at = std::find_if(rotated.begin(), rotated.end(), [this](const RotatedLog &log) {
                return log.status.st_mtim.tv_sec > progress_.file->modified;
            });
            return at == rotated.end() ? Rotated::kRead : read_new(rotated, at, log_is_there);
        }
        return outcome == Outcome::kLate ? Rotated::kLate : read_newer(rotated, at, log_is_there);
    }

    /// Reads what is left of a rotated file if it is the one that was read before.
    Outcome read_rest(const RotatedLog &rotated) {
        const LogPosition before = *progress_.file;
        const Outcome outcome = read_rotated(rotated, *progress_.file, false);
        const bool is_hopeless = outcome == Outcome::kLate && !rotated.unpacker.empty() &&
                                 had_time_ && *progress_.file == before;
        if (!is_hopeless) {
            return outcome;
        }
        // One run's time does not even suffice to unpack what was read already.
        note_gap(fmt::format("{} takes too long to unpack", rotated.path));
        return Outcome::kEnd;
    }

    using Place = std::vector<RotatedLog>::const_iterator;

    /// Goes on from `at`, whose end was reached, to the files that were begun after it.
    Rotated read_newer(const std::vector<RotatedLog> &rotated, Place at, bool log_is_there) {
        const bool is_last = at + 1 == rotated.end();
        if (is_last && !log_is_there) {
            return Rotated::kRead;  // more may come
        }
        watch(*at);
        return is_last ? Rotated::kRead : read_new(rotated, at + 1, log_is_there);
    }

    Rotated read_new(const std::vector<RotatedLog> &rotated, Place at, bool log_is_there) {
        progress_.file = position_before(*at);
        const Outcome outcome = read_rotated(*at, *progress_.file, true);
        if (outcome == Outcome::kForeign) {
            note_gap(fmt::format("cannot read {}", at->path));
        }
        return outcome == Outcome::kLate ? Rotated::kLate : read_newer(rotated, at, log_is_there);
    }

    /// The start of a rotated file; no older one is taken for it.
    static LogPosition position_before(const RotatedLog &rotated) {
        LogPosition position;
        position.device = rotated.status.st_dev;
        position.inode = rotated.status.st_ino;
        position.modified = rotated.status.st_mtim.tv_sec - 1;
        return position;
    }

    void note_gap(std::string_view why) {
        ++reading_.gaps;
        problem(fmt::format("lines of {} were gone before they were read: {}", path_, why));
    }

    /// The syslog daemon writes to a renamed file until it opens the new one.
    void watch(const RotatedLog &log) {
        progress_.previous.reset();
        if (log.unpacker.empty()) {
            progress_.previous = progress_.file;
            progress_.previous_path = log.path;
            progress_.previous_until = now_ + kWatchPrevious_s;
        }
    }

    void read_previous() {
        if (!progress_.previous) {
            return;
        }
        const auto log = open_log(files_, progress_.previous_path, FollowLinks::kNo);
        const bool is_there =
            log && has_inode(*log, *progress_.previous) && holds(*log, *progress_.previous);
        if (is_there) {
            if (log->size() > progress_.previous->offset) {
                read_file(log->fd.get(), *progress_.previous);
            }
        } else if (!find_previous()) {
            progress_.previous.reset();
        }
        if (now_ > progress_.previous_until) {
            progress_.previous.reset();
        }
    }

    /// Reads the previous file where it has been renamed to or compressed. False: nothing more
    /// will come from it.
    bool find_previous() {
        for (const RotatedLog &rotated : find_rotated_logs(files_, path_)) {
            if (rotated.status.st_mtim.tv_sec < progress_.previous->modified) {
                continue;
            }
            const Outcome outcome = read_rotated(rotated, *progress_.previous, false);
            if (outcome != Outcome::kForeign) {
                progress_.previous_path = rotated.path;
                return rotated.unpacker.empty() || (outcome == Outcome::kLate && !had_time_);
            }
        }
        return false;
    }

    const FileTree &files_;
    const std::string &path_;
    LogProgress &progress_;
    const LogLimits &limits_;
    const std::int64_t now_;
    const LineSink &sink_;
    const bool had_time_;
    LogReading reading_;
};

}  // namespace

LogReading read_log(const FileTree &files, const std::string &path, LogProgress &progress,
                    const LogLimits &limits, std::int64_t now, const LineSink &sink) {
    return LogReader(files, path, progress, limits, now, sink).run();
}

}  // namespace mail_relay
