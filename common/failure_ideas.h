#pragma once

#include <optional>

#include "common/failure_class.h"
#include "common/failure_words.h"

namespace mail_relay {

/// Class of a text without a known phrase, by what its words are about in any order: "user" and
/// "unknown" say kRecipientRejected. Some words are known in other languages too. Nothing when they
/// tell nothing. Takes linear time.
std::optional<FailureClass> failure_by_ideas(const FailureWords &text);

}  // namespace mail_relay
