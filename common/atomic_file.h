#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace mail_relay {

/// Creates `directory` and its missing parents with mode 0700. An existing directory is left as it
/// is, but one that is not owned by us or that others can write is an Error: state kept there could
/// be forged.
Result<void> make_private_directory(const std::string &directory);

/// Writes `content` to a new file of mode 0600 beside `path` and renames it over `path`: readers
/// see the old or the new content, never a part. Nothing is left behind on failure (a full disk).
Result<void> write_file_atomically(const std::string &path, std::string_view content);

}  // namespace mail_relay
