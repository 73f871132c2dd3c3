#pragma once

#include <string_view>

#include "common/failure_class.h"
#include "common/failure_words.h"

namespace mail_relay {

/// Class of a text whose words tell nothing: what its status and reply code say, then what was
/// refused; else kOther.
FailureClass failure_by_code(const FailureWords &text, std::string_view dsn_status);

}  // namespace mail_relay
