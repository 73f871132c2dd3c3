#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// What a server's reply answers, from Postfix's words around it.
enum class SmtpStep { kUnknown, kConnect, kAuth, kMailFrom, kRcptTo, kData };

/// A failure text prepared for matching phrases.
struct FailureWords {
    /// Lower case, single spaces, no control characters. "name[address]:port" reads "host" (IPv6:
    /// "host6"), a mail address "@"; quotes are dropped; runs of '?' and non-ASCII bytes read "?"
    /// (Postfix prints other alphabets as '?'). Of "host x said: 550 ... (in reply to ...)" only
    /// the reply is kept; its code is not repeated where its lines were joined.
    std::string words;
    int reply_code = 0;  ///< 550; 0 when the text holds no server's reply
    std::string status;  ///< first enhanced status code in the text ("5.1.1") or ""
    SmtpStep step = SmtpStep::kUnknown;
};

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

bool said_there(Said said, const FailureWords &text);

/// Prepares the first 4 KB of `text`, in linear time.
FailureWords read_failure_words(std::string_view text);

}  // namespace mail_relay
