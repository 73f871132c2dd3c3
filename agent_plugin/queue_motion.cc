#include "agent_plugin/queue_motion.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <tuple>

namespace mail_relay {

namespace {

/// By the clock that file systems date changes with.
timespec file_time() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now;
}

bool is_before(const timespec &one, const timespec &other) {
    return std::tie(one.tv_sec, one.tv_nsec) < std::tie(other.tv_sec, other.tv_nsec);
}

}  // namespace

QueueMotion::QueueMotion(int queue_directory_fd) : fd_(queue_directory_fd), began_(file_time()) {}

void QueueMotion::begin_again() {
    began_ = file_time();
}

bool QueueMotion::may_concern(const QueueNames &names) const {
    return std::any_of(names.folders.begin(), names.folders.end(), [this](const auto &folder) {
        struct stat status {};
        return ::fstatat(fd_, folder.path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
               !is_before(status.st_mtim, began_);
    });
}

}  // namespace mail_relay
