#pragma once

#include <string_view>

#include "common/failure_class.h"

namespace mail_relay {

/// The class for people, "server requires authentication": the words that Checkmk's services use.
std::string_view failure_title(FailureClass failure);

}  // namespace mail_relay
