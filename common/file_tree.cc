#include "common/file_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace mail_relay {

namespace {

Error failure(std::string_view verb, std::string_view path, int error) {
    return failed("cannot {} {}: {}", verb, path, std::strerror(error));
}

int open_inside(int root_fd, const std::string &path, int flags) {
    struct open_how how {};
    how.flags = static_cast<decltype(how.flags)>(flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof how));
}

}  // namespace

FileTree::FileTree(std::string root) : root_(std::move(root)) {
    while (root_.size() > 1 && root_.back() == '/') {
        root_.pop_back();
    }
    if (!is_this_host()) {
        root_fd_ = UniqueFd(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
}

std::string FileTree::outside(std::string_view path) const {
    return is_this_host() ? std::string(path) : fmt::format("{}{}", root_, path);
}

Result<UniqueFd> FileTree::open(const std::string &path, int flags, FollowLinks follow) const {
    flags |= O_CLOEXEC | O_NONBLOCK;
    if (follow == FollowLinks::kNo) {
        flags |= O_NOFOLLOW;
    }
    const int fd =
        is_this_host() ? ::open(path.c_str(), flags) : open_inside(root_fd_.get(), path, flags);
    if (fd < 0) {
        return failure("open", path, errno);
    }
    return UniqueFd(fd);
}

Result<std::string> FileTree::read(const std::string &path, std::size_t limit_bytes,
                                   FollowLinks follow) const {
    auto file = open(path, O_RDONLY, follow);
    if (!file) {
        return file.error();
    }
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) {
        return failure("examine", path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return failed("cannot read {}: not a regular file", path);
    }
    std::string content;
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t got = ::read(file->get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failure("read", path, errno);
        }
        if (got == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > limit_bytes) {
            return failed("cannot read {}: larger than {} bytes", path, limit_bytes);
        }
    }
}

Result<std::optional<struct stat>> FileTree::find(const std::string &path,
                                                  FollowLinks follow) const {
    struct stat status {};
    int result = -1;
    if (is_this_host()) {
        const int flags = follow == FollowLinks::kNo ? AT_SYMLINK_NOFOLLOW : 0;
        result = ::fstatat(AT_FDCWD, path.c_str(), &status, flags);
    } else {
        const int flags = O_PATH | O_CLOEXEC | (follow == FollowLinks::kNo ? O_NOFOLLOW : 0);
        const UniqueFd file(open_inside(root_fd_.get(), path, flags));
        result = file ? ::fstat(file.get(), &status) : -1;
    }
    if (result != 0 && errno == ENOENT) {
        return std::optional<struct stat>();
    }
    if (result != 0) {
        return failure("examine", path, errno);
    }
    return std::optional<struct stat>(status);
}

Result<struct stat> FileTree::status(const std::string &path, FollowLinks follow) const {
    const auto found = find(path, follow);
    if (!found) {
        return found.error();
    }
    if (!*found) {
        return failure("examine", path, ENOENT);
    }
    return **found;
}

bool FileTree::exists(const std::string &path) const {
    return status(path).has_value();
}

Result<std::vector<std::string>> FileTree::list(const std::string &path, std::size_t limit) const {
    auto directory = open(path, O_RDONLY | O_DIRECTORY);
    if (!directory) {
        return directory.error();
    }
    const std::unique_ptr<DIR, int (*)(DIR *)> stream(::fdopendir(directory->get()), &::closedir);
    if (stream == nullptr) {
        return failure("list", path, errno);
    }
    directory->release();  // closedir() closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string_view name = static_cast<const char *>(entry->d_name);
        if (name == "." || name == "..") {
            continue;
        }
        if (names.size() == limit) {
            return failed("cannot list {}: more than {} names", path, limit);
        }
        names.emplace_back(name);
        errno = 0;
    }
    if (errno != 0) {
        return failure("list", path, errno);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mail_relay
