#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// What a name in a queue folder stands for.
enum class EntryKind {
    kMessage,    ///< a queue ID and a regular file
    kFolder,     ///< one character: a hashed folder
    kTemporary,  ///< with a '.': being made
    kOdd,        ///< nothing that Postfix would put there, or no regular file
};

struct QueueEntry {
    EntryKind kind = EntryKind::kOdd;
    std::string_view name;  ///< ends with a NUL; valid until the next entry is taken
};

/// The names of one queue folder, read in blocks with getdents64(2) and no other system call.
class QueueFolderReader {
  public:
    /// `folder_fd` is a directory just opened; it stays the caller's.
    explicit QueueFolderReader(int folder_fd) : fd_(folder_fd) {}

    /// False at the end and after an error, which error() then tells (an errno; 0 for none).
    bool next(QueueEntry &entry);
    int error() const { return error_; }

  private:
    bool fill();

    int fd_;
    int error_ = 0;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    alignas(8) std::array<char, 32768> block_{};
};

/// Opens a folder by its path below `parent_fd`, no component of which may be a link (the mail
/// system owns the queue: a link could lead us anywhere). -1 and errno on failure.
UniqueFd open_queue_folder(int parent_fd, const std::string &path);

/// A folder that holds queue files, and how many it held.
struct QueueFolder {
    std::string path;  ///< below queue_directory: "active", "deferred/A"
    std::uint64_t messages = 0;
    std::string names;            ///< each with a NUL behind it, if they are kept
    bool names_are_kept = false;  ///< not in a huge queue: list the folder again
};

/// One queue as its names tell it: exact, at some microseconds a message, without opening a file.
struct QueueNames {
    std::vector<QueueFolder> folders;
    std::uint64_t messages = 0;
    std::size_t name_bytes = 0;  ///< kept in all folders
    std::uint64_t odd = 0;
    std::string odd_example;  ///< path of one, below queue_directory
};

/// Why a queue could not be walked; `error_number` tells a lack of permission from the rest.
struct WalkFailure {
    std::string reason;
    int error_number = 0;
};

/// Names of a queue and its hashed folders. Every folder has to be readable: a count that leaves
/// one out would be wrong.
std::optional<WalkFailure> walk_queue_names(int queue_directory_fd, std::string_view queue,
                                            Deadline deadline, QueueNames &names);

}  // namespace mail_relay
