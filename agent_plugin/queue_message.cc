#include "agent_plugin/queue_message.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "agent_plugin/queue_id.h"
#include "agent_plugin/queue_walk.h"

namespace mail_relay {

namespace {

// A defer log's last entry is some hundred bytes; a server's longest reply may take some thousand.
constexpr std::uint64_t kLongTail = 65536;
constexpr std::size_t kMostOpenFolders = 128;

ReadOutcome outcome_of_errno() {
    switch (errno) {
        case ENOENT:
            return ReadOutcome::kVanished;
        case ELOOP:  // O_NOFOLLOW
        case ENXIO:  // a socket
            return ReadOutcome::kNotAFile;
        default:
            return ReadOutcome::kUnreadable;
    }
}

/// Opens a file of the queue: no link, without waiting for a FIFO's writer, and without changing
/// the access time, which for a deferred message (modified in the future) would be written each
/// time. That is for the owner and root; others get the file all the same.
UniqueFd open_queue_file(int folder_fd, const char *name) {
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    static std::atomic<int> no_access_time{O_NOATIME};
    UniqueFd file(::openat(folder_fd, name, kFlags | no_access_time.load()));
    if (!file && errno == EPERM && no_access_time.exchange(0) != 0) {
        file = UniqueFd(::openat(folder_fd, name, kFlags));
    }
    return file;
}

ReadOutcome open_regular(int folder_fd, const char *name, UniqueFd &file, struct stat &status) {
    file = open_queue_file(folder_fd, name);
    if (!file || ::fstat(file.get(), &status) != 0) {
        return outcome_of_errno();
    }
    return S_ISREG(status.st_mode) ? ReadOutcome::kRead : ReadOutcome::kNotAFile;
}

/// What is there of up to `size` bytes; nullopt on an error.
std::optional<std::string_view> read_part(int fd, char *to, std::size_t size, std::uint64_t at) {
    ssize_t got = 0;
    do {
        got = ::pread(fd, to, size, static_cast<off_t>(at));
    } while (got < 0 && errno == EINTR);
    return got < 0 ? std::nullopt
                   : std::optional<std::string_view>({to, static_cast<std::size_t>(got)});
}

}  // namespace

ReadOutcome read_queue_file_status(int folder_fd, const char *name, struct stat &status) {
    if (::fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return outcome_of_errno();
    }
    return S_ISREG(status.st_mode) ? ReadOutcome::kRead : ReadOutcome::kNotAFile;
}

ReadOutcome QueueFileReader::read(int folder_fd, const char *name, struct stat &status,
                                  QueueFileHead &head) {
    UniqueFd file;
    if (const auto opened = open_regular(folder_fd, name, file, status);
        opened != ReadOutcome::kRead) {
        return opened;
    }
    const auto bytes = read_part(file.get(), head_bytes_.data(), head_bytes_.size(), 0);
    if (!bytes) {
        return outcome_of_errno();
    }
    head = parse_queue_file_head(*bytes);
    if (head.recipients_at != 0) {
        const auto more =
            read_part(file.get(), more_bytes_.data(), more_bytes_.size(), head.recipients_at);
        parse_more_recipients(more.value_or(std::string_view()), head);
    }
    return ReadOutcome::kRead;
}

int DeferLogReader::folder_of(std::string_view queue_id, int hash_depth) {
    std::string path = hashed_folder(queue_id, hash_depth);
    const auto found = folders_.find(path);
    if (found != folders_.end()) {
        return found->second.get();
    }
    UniqueFd folder = open_queue_folder(root_fd_, path.empty() ? "defer" : "defer/" + path);
    if (!folder) {
        return -1;
    }
    if (folders_.size() >= kMostOpenFolders) {
        folders_.clear();
    }
    return folders_.emplace(std::move(path), std::move(folder)).first->second.get();
}

ReadOutcome DeferLogReader::open(std::string_view queue_id, int hash_depth, UniqueFd &file,
                                 struct stat &status) {
    const int folder = folder_of(queue_id, hash_depth);
    if (folder < 0) {
        return outcome_of_errno();
    }
    const std::string name(queue_id);
    return open_regular(folder, name.c_str(), file, status);
}

ReadOutcome DeferLogReader::read(std::string_view queue_id, struct stat &status,
                                 std::optional<DeferLogEntry> &entry) {
    entry.reset();
    UniqueFd file;
    ReadOutcome opened = open(queue_id, hash_depth_, file, status);
    // A log stays where it was written when hash_queue_depth is changed.
    for (int depth = 0; opened == ReadOutcome::kVanished && depth <= kMostHashDepth; ++depth) {
        if (depth != hash_depth_) {
            opened = open(queue_id, depth, file, status);
        }
    }
    if (opened != ReadOutcome::kRead) {
        return opened;
    }
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
    auto tail = read_part(file.get(), tail_.data(), tail_.size(),
                          size - std::min<std::uint64_t>(size, tail_.size()));
    if (!tail) {
        return outcome_of_errno();
    }
    entry = last_defer_log_entry(*tail);
    if (!entry && size > tail_.size()) {
        long_tail_.resize(kLongTail);
        tail = read_part(file.get(), long_tail_.data(), long_tail_.size(),
                         size - std::min(size, kLongTail));
        entry = last_defer_log_entry(tail.value_or(std::string_view()));
    }
    return ReadOutcome::kRead;
}

}  // namespace mail_relay
