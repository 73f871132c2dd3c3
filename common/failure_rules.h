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

// Three tables, asked in this order; the first row that matches decides.

/// What Postfix says itself, in the queue and in its log, and what its programs and libraries say
/// through it.
std::span<const FailureRule> postfix_failure_rules();
/// Wordings that say why, whatever else a text goes on about.
std::span<const FailureRule> exact_failure_rules();
/// What servers say for one class only.
std::span<const FailureRule> server_failure_rules();

}  // namespace mail_relay
