#pragma once

#include <span>
#include <string_view>

#include "common/failure_class.h"
#include "common/failure_words.h"

namespace mail_relay {

/// Says that a text with this phrase is of this class. A phrase is lower-case whole words; "*"
/// stands for anything short, also the rest of a word. See failure_words.h for how a text is
/// prepared: hosts with their addresses read "host" ("host6" for IPv6), mail addresses "@", quotes
/// are dropped, what is not ASCII reads "?".
struct FailureRule {
    FailureClass failure;
    std::string_view phrase;
    Said said = Said::kAnywhere;
};

/// All rules; the first that matches decides.
std::span<const FailureRule> failure_rules();

/// Class of a text that no rule matches: what its status and reply code tell, else kOther.
FailureClass failure_by_code(const FailureWords &text, std::string_view dsn_status);

}  // namespace mail_relay
