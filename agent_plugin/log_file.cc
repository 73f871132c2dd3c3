#include "agent_plugin/log_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mail_relay {

Result<LogFile> open_log(const FileTree &files, const std::string &path, FollowLinks follow) {
    auto fd = files.open(path, O_RDONLY | O_NOCTTY, follow);
    if (!fd) {
        return fd.error();
    }
    LogFile log{*std::move(fd), {}};
    if (::fstat(log.fd.get(), &log.status) != 0) {
        return failed("cannot examine {}: {}", path, std::strerror(errno));
    }
    if (!S_ISREG(log.status.st_mode)) {
        return failed("cannot read {}: not a regular file", path);
    }
    return log;
}

LogPosition position_at_start(const LogFile &log) {
    LogPosition position;
    position.device = log.status.st_dev;
    position.inode = log.status.st_ino;
    position.modified = log.status.st_mtim.tv_sec;
    return position;
}

bool has_inode(const LogFile &log, const LogPosition &position) {
    return log.status.st_dev == position.device && log.status.st_ino == position.inode;
}

bool holds(const LogFile &log, const LogPosition &position) {
    return position.tail_bytes == 0 ? has_inode(log, position) && log.size() >= position.offset
                                    : holds_position(log.fd.get(), log.size(), position);
}

}  // namespace mail_relay
