#include "common/file_identity.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::int64_t nanoseconds(const timespec &time) {
    return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

}  // namespace

FileIdentity identity_of(const struct stat &status) {
    return {.device = status.st_dev,
            .inode = status.st_ino,
            .size = status.st_size,
            .modified_ns = nanoseconds(status.st_mtim),
            .changed_ns = nanoseconds(status.st_ctim)};
}

}  // namespace mail_relay
