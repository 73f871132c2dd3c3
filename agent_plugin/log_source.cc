#include "agent_plugin/log_source.h"

#include <sys/stat.h>

namespace mail_relay {

namespace {

/// A regular file that something wrote to since `started`.
bool is_in_use(const FileTree &files, const std::string &path,
               std::optional<std::int64_t> started) {
    const auto status = files.status(path);
    return status && S_ISREG(status->st_mode) && (!started || status->st_mtim.tv_sec >= *started);
}

}  // namespace

std::string_view log_source_name(LogSource::Kind kind) {
    switch (kind) {
        case LogSource::Kind::kFile:
            return "file";
        case LogSource::Kind::kJournal:
            return "journal";
        case LogSource::Kind::kNone:
            return "none";
    }
    return "none";
}

LogSource find_log_source(const FileTree &files, const Configuration &configuration,
                          std::optional<std::int64_t> started) {
    // "/dev/stdout" of a container is gone for us; any other name is the file itself.
    const std::string_view own = configuration.get("maillog_file");
    if (!own.empty()) {
        return own.starts_with("/dev/") ? LogSource{}
                                        : LogSource{LogSource::Kind::kFile, std::string(own)};
    }
    // Debian, Red Hat, SUSE.
    for (const auto *path : {"/var/log/mail.log", "/var/log/maillog", "/var/log/mail"}) {
        if (is_in_use(files, path, started)) {
            return {LogSource::Kind::kFile, path};
        }
    }
    for (const auto *path : {"/var/log/journal", "/run/log/journal"}) {
        if (files.exists(path)) {
            return {LogSource::Kind::kJournal, ""};
        }
    }
    return {};
}

}  // namespace mail_relay
