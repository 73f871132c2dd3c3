#include "agent_plugin/showq_parser.h"

#include <charconv>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::string_view kProtocol = "mail_queue_list_protocol";

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

}  // namespace

Result<void> ShowqParser::feed(std::string_view part) {
    while (!part.empty()) {
        if (ended_) {
            return failed("showq: data after its end");
        }
        const auto end = part.find('\0');
        word_ += part.substr(0, end);
        if (word_.size() > kLongestWord) {
            return failed("showq: a value of more than {} bytes", kLongestWord);
        }
        if (end == std::string_view::npos) {
            return {};
        }
        part.remove_prefix(end + 1);
        const std::string word = std::exchange(word_, {});
        if (auto taken = take_word(word); !taken) {
            return taken;
        }
    }
    return {};
}

Result<void> ShowqParser::take_word(std::string_view word) {
    if (name_) {
        const std::string name = *std::exchange(name_, std::nullopt);
        list_is_empty_ = false;
        return take_attribute(name, word);
    }
    if (!word.empty()) {
        name_ = word;
    } else if (list_is_empty_) {
        ended_ = true;
    } else {
        end_list();
    }
    return {};
}

Result<void> ShowqParser::take_attribute(std::string_view name, std::string_view value) {
    if (name == "protocol" && value != kProtocol) {
        return failed("showq: speaks \"{}\" instead of {}", value.substr(0, 60), kProtocol);
    }
    if (name == "queue_name") {
        message_.queue_name = value;
    } else if (name == "queue_id") {
        message_.queue_id = value;
    } else if (name == "time") {
        message_.arrival = parse_number<std::int64_t>(value);
    } else if (name == "size") {
        message_.content_bytes = parse_number<std::uint64_t>(value);
    } else if (name == "sender") {
        message_.sender = value;
    } else if (name == "recipient") {
        recipient_open_ = message_.recipients.size() < ShowqMessage::kMostRecipients;
        if (recipient_open_) {
            message_.recipients.push_back({std::string(value), {}});
        }
    } else if (name == "reason" && recipient_open_) {
        message_.recipients.back().reason = value;
        recipient_open_ = false;
    }
    return {};
}

void ShowqParser::end_list() {
    list_is_empty_ = true;
    recipient_open_ = false;
    if (const ShowqMessage message = std::exchange(message_, {}); !message.queue_id.empty()) {
        visit_(message);
    }
}

Result<void> ShowqParser::finish() const {
    if (!ended_) {
        return failed("showq: the connection ended before the list did");
    }
    return {};
}

}  // namespace mail_relay
