#pragma once

#include <span>
#include <string_view>

#include "common/failure_class.h"
#include "common/failure_words.h"

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

/// Class of a text that no rule matches: what its status and reply code tell, else kOther.
FailureClass failure_by_code(const FailureWords &text, std::string_view dsn_status);

}  // namespace mail_relay
