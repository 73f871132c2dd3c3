#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/file_tree.h"

namespace mail_relay {

/// Name of user `uid` in the text of passwd(5), else the number: "root", "postfix", "1000".
std::string find_user_name(std::string_view passwd, uid_t uid);

/// The number of user `name` in the text of passwd(5); nullopt if it is not there.
std::optional<uid_t> find_user_id(std::string_view passwd, std::string_view name);

/// find_user_name() in the host's own /etc/passwd. Users known only to a directory service stay
/// numbers: asking for them would need getpwuid(), which a static program must not call.
std::string read_user_name(const FileTree &files, uid_t uid);

}  // namespace mail_relay
