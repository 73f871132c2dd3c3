#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// Whether the last component of a path may be a symbolic link. kNo for places others can write.
enum class FollowLinks { kNo, kYes };

/// The files of one host: "/" as a rule, or a tree mounted elsewhere (--root). Paths are those of
/// that host; in a mounted tree absolute links lead to places inside it, never outside.
class FileTree {
  public:
    explicit FileTree(std::string root = "/");

    bool is_this_host() const { return root_ == "/"; }
    const std::string &root() const { return root_; }

    /// Where `path` of that host is for a program of this one ("/mnt/x/etc/postfix").
    std::string outside(std::string_view path) const;

    /// open(2) with O_CLOEXEC and O_NONBLOCK (a FIFO must not hang us) added to `flags`.
    Result<UniqueFd> open(const std::string &path, int flags,
                          FollowLinks follow = FollowLinks::kYes) const;

    /// Content of a regular file. Larger than `limit_bytes` is an error, not a truncation.
    Result<std::string> read(const std::string &path, std::size_t limit_bytes,
                             FollowLinks follow = FollowLinks::kYes) const;

    Result<struct stat> status(const std::string &path,
                               FollowLinks follow = FollowLinks::kYes) const;

    /// As status(), but that there is no such file is an answer and not an error.
    Result<std::optional<struct stat>> find(const std::string &path,
                                            FollowLinks follow = FollowLinks::kYes) const;

    bool exists(const std::string &path) const;

    /// Names in a directory, sorted, without "." and "..". More than `limit` names is an error.
    Result<std::vector<std::string>> list(const std::string &path, std::size_t limit = 10000) const;

  private:
    std::string root_;
    UniqueFd root_fd_;
};

}  // namespace mail_relay
