#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "common/file_tree.h"

namespace mail_relay {

/// Where an instance logs to.
struct LogSource {
    enum class Kind { kFile, kJournal, kNone };
    Kind kind = Kind::kNone;
    std::string path;  ///< of a file
};

/// "file", "journal", "none" as the sections spell it.
std::string_view log_source_name(LogSource::Kind kind);

/// maillog_file, else the mail log of syslog, else the journal. A log file that was written last
/// before master `started` is a leftover and not the source.
LogSource find_log_source(const FileTree &files, const Configuration &configuration,
                          std::optional<std::int64_t> started);

}  // namespace mail_relay
