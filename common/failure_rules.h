#pragma once

#include <span>
#include <string_view>

#include "common/failure_class.h"

namespace mail_relay {

/// Where a rule's phrase counts.
enum class Said {
    kAnywhere,
    kHere,        ///< in this host's own words: no server's reply in the text
    kThere,       ///< in a server's reply
    kAtMailFrom,  ///< in a reply to MAIL FROM
    kAtRcptTo,    ///< in a reply to RCPT TO
    kAtData,      ///< in a reply to DATA or to the message itself
    kForNow,      ///< in a temporary (4xx) reply
    kForGood,     ///< in a permanent (5xx) reply
};

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

/// Class that a bare DSN status stands for ("4.4.1"); kOther when it says nothing.
FailureClass failure_by_status(std::string_view status);

}  // namespace mail_relay
