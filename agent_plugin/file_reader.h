#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/file_tree.h"

namespace mail_relay {

/// A user of the host, by the file modes that let or keep it from reading.
class FileReader {
  public:
    FileReader(const FileTree &files, std::string_view user);

    /// False only where the mode of this file or folder surely keeps the user out. A group that may
    /// read is taken to have the user as a member, unless it is root's.
    bool may_read(const std::string &path) const;

  private:
    const FileTree &files_;
    std::optional<uid_t> uid_;
};

}  // namespace mail_relay
