#include "common/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "common/unique_fd.h"

namespace mail_relay {

namespace {

Result<void> check_private(const std::string &directory) {
    struct stat status {};
    if (::lstat(directory.c_str(), &status) != 0) {
        return failed("cannot examine {}: {}", directory, std::strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return failed("cannot use {}: not a directory", directory);
    }
    if (status.st_uid != ::geteuid()) {
        return failed("cannot use {}: owned by user {}, not {}", directory, status.st_uid,
                      ::geteuid());
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return failed("cannot use {}: others can write to it (mode {:04o})", directory,
                      status.st_mode & 07777U);
    }
    return {};
}

Result<void> write_all(int fd, std::string_view content, const std::string &path) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return failed("cannot write {}: {}", path, std::strerror(errno));
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<void> make_private_directory(const std::string &directory) {
    // Each missing level in turn; the last one is `directory` itself.
    for (std::size_t end = 0; end != std::string::npos;) {
        end = directory.find('/', end + 1);
        const std::string level = directory.substr(0, end);
        if (::mkdir(level.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            const int error = errno;
            struct stat status {};
            // A read-only parent refuses even what is there already.
            if (::stat(level.c_str(), &status) != 0) {
                return failed("cannot create {}: {}", level, std::strerror(error));
            }
        }
    }
    return check_private(directory);
}

Result<void> write_file_atomically(const std::string &path, std::string_view content) {
    std::string temporary = path + ".XXXXXX";
    const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600, not through links
    if (!file) {
        return failed("cannot create a file beside {}: {}", path, std::strerror(errno));
    }
    // No fsync: what power failure damages is state that its reader recognises and builds anew.
    auto written = write_all(file.get(), content, path);
    if (written && std::rename(temporary.c_str(), path.c_str()) != 0) {
        written = failed("cannot replace {}: {}", path, std::strerror(errno));
    }
    if (!written) {
        ::unlink(temporary.c_str());
    }
    return written;
}

}  // namespace mail_relay
