#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mail_relay {

/// How serious Postfix says that a text without queue ID is.
enum class LogSeverity : std::uint8_t { kNone, kWarning, kError, kFatal, kPanic };

/// What a line says about one message, apart from delivery attempts.
enum class LogMessageKind : std::uint8_t {
    kOther,
    kAttempt,    ///< `rest` is for parse_delivery_attempt()
    kQueued,     ///< the queue manager took it up; `sender` is known
    kRemoved,    ///< it left the queue, delivered, bounced or deleted
    kExpired,    ///< given up for its age; `sender` is known
    kSubmitted,  ///< pickup(8) took it from the maildrop; `uid` and `sender` are known
    kBounced,    ///< its sender is told that it failed, in message `other_id`
    kDiscarded,  ///< a notification to the postmaster that could not be delivered
};

/// A text split by what stands at its front. Views lead into the text.
struct LogMessage {
    LogMessageKind kind = LogMessageKind::kOther;
    LogSeverity severity = LogSeverity::kNone;
    std::string_view queue_id;  ///< "" for a text about no message
    std::string_view rest;      ///< behind severity and queue ID
    std::string_view sender;
    std::string_view other_id;
    std::uint32_t uid = 0;
    std::uint32_t times = 1;  ///< how often it was said: rsyslog may write repetitions as one line
};

/// Whether the text may begin with a severity, or with a repetition of one: a quick look.
constexpr bool has_severity(std::string_view text) {
    return !text.empty() &&
           (text[0] == 'w' || text[0] == 'e' || text[0] == 'f' || text[0] == 'p' || text[0] == 'm');
}

/// Parses the text of a log line. Source: Postfix src/qmgr/qmgr_active.c, src/pickup/pickup.c,
/// src/bounce/, src/util/msg_output.c.
LogMessage parse_log_message(std::string_view text);

}  // namespace mail_relay
