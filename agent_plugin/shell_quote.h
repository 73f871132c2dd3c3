#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// `word` as one word of a POSIX shell: unchanged if it is harmless, else in single quotes. Control
/// characters are replaced by '?': a printed command must not be able to hide what it does.
std::string shell_quote(std::string_view word);

}  // namespace mail_relay
