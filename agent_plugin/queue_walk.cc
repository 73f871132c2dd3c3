#include "agent_plugin/queue_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent_plugin/queue_id.h"

namespace mail_relay {

namespace {

// hash_queue_depth is 1 as a rule and 3 at most sensible; a folder deeper down is not Postfix's.
constexpr int kMostDepth = 3;
// Two levels of all letters and digits; a deeper forest of empty folders is somebody's prank.
constexpr std::size_t kMostFolders = 4096;
// Names of some 170,000 messages.
constexpr std::size_t kMostNameBytes = 2U << 20U;
constexpr std::uint64_t kNamesBetweenClockReads = 16384;

/// struct linux_dirent64 of getdents64(2), as far as it is needed.
struct RawEntry {
    std::uint16_t length;
    std::uint8_t type;
    const char *name;
};

RawEntry raw_entry(const char *at) {
    constexpr std::size_t kLengthAt = 16;
    constexpr std::size_t kTypeAt = 18;
    constexpr std::size_t kNameAt = 19;
    RawEntry entry{};
    std::memcpy(&entry.length, at + kLengthAt, sizeof entry.length);
    std::memcpy(&entry.type, at + kTypeAt, sizeof entry.type);
    entry.name = at + kNameAt;
    return entry;
}

/// DT_UNKNOWN for what is gone. What may not be examined counts by its name.
std::uint8_t type_from_status(int folder_fd, const char *name) {
    struct stat status {};
    if (::fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? DT_UNKNOWN : DT_REG;
    }
    return static_cast<std::uint8_t>(IFTODT(status.st_mode));
}

EntryKind kind_of(std::string_view name, std::uint8_t type) {
    if (type == DT_UNKNOWN) {
        return EntryKind::kTemporary;
    }
    if (name.size() == 1 && type == DT_DIR) {
        return EntryKind::kFolder;
    }
    if (name.find('.') != std::string_view::npos) {
        return EntryKind::kTemporary;
    }
    return type == DT_REG && is_queue_id(name) ? EntryKind::kMessage : EntryKind::kOdd;
}

/// One walk through a queue, folder by folder.
class NamesWalk {
  public:
    NamesWalk(int queue_directory_fd, Deadline deadline, QueueNames &names)
        : root_fd_(queue_directory_fd), deadline_(deadline), names_(names) {}

    std::optional<WalkFailure> walk(const std::string &path, int depth) {
        const UniqueFd folder = open_queue_folder(root_fd_, path);
        if (!folder) {
            return failure("open", path, errno);
        }
        std::vector<std::string> subfolders;
        QueueFolder listed{path, 0, {}, true};
        QueueFolderReader reader(folder.get());
        QueueEntry entry;
        while (reader.next(entry)) {
            if (entry.kind == EntryKind::kFolder && depth < kMostDepth) {
                if (names_.folders.size() + subfolders.size() >= kMostFolders) {
                    return WalkFailure{
                        fmt::format("more than {} folders below {}", kMostFolders, path), 0};
                }
                subfolders.push_back(path + '/' + std::string(entry.name));
            } else {
                count(entry, listed);
            }
            if (++seen_ % kNamesBetweenClockReads == 0 && deadline_.expired()) {
                return WalkFailure{fmt::format("too late after {} names", seen_), 0};
            }
        }
        if (reader.error() != 0) {
            return failure("list", path, reader.error());
        }
        names_.folders.push_back(std::move(listed));
        for (const auto &subfolder : subfolders) {
            if (auto failed = walk(subfolder, depth + 1);
                failed && failed->error_number != ENOENT) {
                return failed;
            }
        }
        return std::nullopt;
    }

  private:
    static WalkFailure failure(std::string_view verb, std::string_view path, int error) {
        return {fmt::format("cannot {} {}: {}", verb, path, std::strerror(error)), error};
    }

    void count(const QueueEntry &entry, QueueFolder &folder) {
        if (entry.kind == EntryKind::kMessage) {
            ++names_.messages;
            ++folder.messages;
            keep(entry.name, folder);
        } else if (entry.kind != EntryKind::kTemporary && names_.odd++ == 0) {
            names_.odd_example = folder.path + '/' + std::string(entry.name);
        }
    }

    void keep(std::string_view name, QueueFolder &folder) {
        if (!folder.names_are_kept) {
            return;
        }
        if (names_.name_bytes + name.size() >= kMostNameBytes) {
            names_.name_bytes -= folder.names.size();
            folder.names_are_kept = false;
            folder.names = {};
            return;
        }
        names_.name_bytes += name.size() + 1;
        folder.names.append(name).push_back('\0');
    }

    int root_fd_;
    Deadline deadline_;
    QueueNames &names_;
    std::uint64_t seen_ = 0;
};

}  // namespace

bool QueueFolderReader::fill() {
    const auto got = ::syscall(SYS_getdents64, fd_, block_.data(), block_.size());
    if (got < 0) {
        error_ = errno;
    }
    at_ = 0;
    end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    return end_ > 0;
}

bool QueueFolderReader::next(QueueEntry &entry) {
    for (;;) {
        if (at_ == end_ && !fill()) {
            return false;
        }
        const RawEntry raw = raw_entry(block_.data() + at_);
        at_ += raw.length;
        entry.name = raw.name;
        if (entry.name == "." || entry.name == "..") {
            continue;
        }
        // Some file systems do not tell the type with the name.
        const std::uint8_t type =
            raw.type == DT_UNKNOWN ? type_from_status(fd_, raw.name) : raw.type;
        entry.kind = kind_of(entry.name, type);
        return true;
    }
}

UniqueFd open_queue_folder(int parent_fd, const std::string &path) {
    struct open_how how {};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    const auto fd = ::syscall(SYS_openat2, parent_fd, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
        return UniqueFd(static_cast<int>(fd));
    }
    // Before Linux 5.6, and in containers that do not know the call: one component after the other.
    UniqueFd folder(::openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t begin = 0; folder && begin < path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        folder = UniqueFd(::openat(folder.get(), path.substr(begin, end - begin).c_str(),
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        begin = end + 1;
    }
    return folder;
}

std::optional<WalkFailure> walk_queue_names(int queue_directory_fd, std::string_view queue,
                                            Deadline deadline, QueueNames &names) {
    return NamesWalk(queue_directory_fd, deadline, names).walk(std::string(queue), 0);
}

}  // namespace mail_relay
