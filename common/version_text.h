#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// What --version prints. `linked`: the Debian source packages, with their versions, that a
/// portable executable consists of; empty for one that takes libraries from its host.
std::string version_text(std::string_view program, std::string_view linked);

}  // namespace mail_relay
