#include "agent_plugin/log_message.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "agent_plugin/delivery_attempt.h"

namespace mail_relay {

namespace {

constexpr std::size_t kShortestId = 6;
constexpr std::size_t kLongestId = 40;

constexpr std::array<bool, 256> make_id_characters() {
    std::array<bool, 256> is_in{};
    for (const char c :
         std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
        is_in.at(static_cast<unsigned char>(c)) = true;
    }
    return is_in;
}

constexpr std::array<bool, 256> kIdCharacters = make_id_characters();

/// Length of the queue ID that ": " ends at the front of `text`; 0: there is none.
std::size_t queue_id_length(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && at <= kLongestId &&
           kIdCharacters[static_cast<unsigned char>(text[at])]) {
        ++at;
    }
    const bool is_id = at >= kShortestId && at <= kLongestId && text.substr(at, 2) == ": ";
    return is_id ? at : 0;
}

LogSeverity take_severity(std::string_view &text) {
    constexpr std::array<std::pair<std::string_view, LogSeverity>, 4> kWords{{
        {"warning: ", LogSeverity::kWarning},
        {"error: ", LogSeverity::kError},
        {"fatal: ", LogSeverity::kFatal},
        {"panic: ", LogSeverity::kPanic},
    }};
    for (const auto &[word, severity] : kWords) {
        if (text.starts_with(word)) {
            text.remove_prefix(word.size());
            return severity;
        }
    }
    return LogSeverity::kNone;
}

/// "message repeated 3 times: [ TEXT]"
std::uint32_t take_repetition(std::string_view &text) {
    constexpr std::string_view kBegin = "message repeated ";
    constexpr std::string_view kMiddle = " times: [ ";
    std::uint32_t times = 1;
    if (text.starts_with(kBegin) && text.ends_with(']')) {
        const std::string_view rest = text.substr(kBegin.size());
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), times);
        const auto digits = static_cast<std::size_t>(end - rest.data());
        if (error == std::errc() && rest.substr(digits).starts_with(kMiddle)) {
            text = rest.substr(digits + kMiddle.size());
            text.remove_suffix(1);
        }
    }
    return times;
}

/// "from=<...>, size=..., nrcpt=..." or "from=<...>, status=expired, returned to sender". The end
/// decides, as an address may imitate the rest.
void parse_queue_manager(LogMessage &message) {
    std::string_view text = message.rest.substr(std::string_view("from=<").size());
    const bool expired = text.ends_with("expired, returned to sender");
    const auto sender = take_address(text, expired ? ", status=" : ", size=");
    if (sender) {
        message.kind = expired ? LogMessageKind::kExpired : LogMessageKind::kQueued;
        message.sender = *sender;
    }
}

/// "uid=1000 from=<alice>", perhaps with " orig_id=..." behind.
void parse_pickup(LogMessage &message) {
    std::string_view text = message.rest.substr(std::string_view("uid=").size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), message.uid);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    constexpr std::string_view kFrom = " from=<";
    if (error == std::errc() && text.starts_with(kFrom)) {
        text.remove_prefix(kFrom.size());
        message.kind = LogMessageKind::kSubmitted;
        message.sender = text.substr(0, text.rfind('>'));
    }
}

void parse_notification(LogMessage &message) {
    constexpr std::string_view kToSender = "sender non-delivery notification: ";
    constexpr std::string_view kToPostmaster = "postmaster non-delivery notification: ";
    for (const std::string_view form : {kToSender, kToPostmaster}) {
        if (message.rest.starts_with(form)) {
            const std::string_view id = message.rest.substr(form.size());
            if (id.size() >= kShortestId && id.size() <= kLongestId) {
                message.kind = LogMessageKind::kBounced;
                message.other_id = id;
            }
            return;
        }
    }
    if (message.rest == "undeliverable postmaster notification discarded") {
        message.kind = LogMessageKind::kDiscarded;
    }
}

}  // namespace

LogMessage parse_log_message(std::string_view text) {
    LogMessage message;
    if (has_severity(text)) {
        message.times = take_repetition(text);
        message.severity = take_severity(text);
    }
    if (const std::size_t length = queue_id_length(text); length > 0) {
        message.queue_id = text.substr(0, length);
        text.remove_prefix(length + 2);
    }
    message.rest = text;
    if (message.queue_id.empty() || text.empty()) {
        return message;
    }
    switch (text[0]) {
        case 't':
            if (text.starts_with("to=<")) {
                message.kind = LogMessageKind::kAttempt;
            }
            break;
        case 'f':
            if (text.starts_with("from=<")) {
                parse_queue_manager(message);
            }
            break;
        case 'r':
            if (text == "removed") {
                message.kind = LogMessageKind::kRemoved;
            }
            break;
        case 'u':
            if (text.starts_with("uid=")) {
                parse_pickup(message);
                break;
            }
            [[fallthrough]];
        default:
            parse_notification(message);
    }
    return message;
}

}  // namespace mail_relay
