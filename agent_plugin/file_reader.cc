#include "agent_plugin/file_reader.h"

#include <sys/stat.h>

#include "agent_plugin/file_owner.h"

namespace mail_relay {

namespace {

constexpr std::size_t kAccountsLimit = 1 << 20;

}  // namespace

FileReader::FileReader(const FileTree &files, std::string_view user) : files_(files) {
    if (const auto passwd = files.read("/etc/passwd", kAccountsLimit)) {
        uid_ = find_user_id(*passwd, user);
    }
}

bool FileReader::may_read(const std::string &path) const {
    const auto status = files_.status(path);
    if (!status || !uid_ || *uid_ == 0) {
        return true;
    }
    // What a folder holds is read by passing it.
    const bool folder = S_ISDIR(status->st_mode);
    if (status->st_uid == *uid_) {
        return (status->st_mode & (folder ? S_IXUSR : S_IRUSR)) != 0;
    }
    const bool group = status->st_gid != 0 && (status->st_mode & (folder ? S_IXGRP : S_IRGRP)) != 0;
    return group || (status->st_mode & (folder ? S_IXOTH : S_IROTH)) != 0;
}

}  // namespace mail_relay
