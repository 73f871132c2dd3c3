#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "common/file_tree.h"

namespace mail_relay {

/// A file that rotation left beside a log.
struct RotatedLog {
    std::string path;
    std::string unpacker;  ///< absolute path of the program that unpacks it to its output; "": none
    struct stat status {};
};

/// The rotated files of the log at `path`, oldest first by modification: "mail.log.1",
/// "mail.log-20261121", "mail-20261121.log", "mail.log.2.gz". Links are left out: others may write
/// where logs are.
std::vector<RotatedLog> find_rotated_logs(const FileTree &files, const std::string &path);

}  // namespace mail_relay
