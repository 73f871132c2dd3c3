#include "agent_plugin/queue_file.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace mail_relay {

namespace {

constexpr unsigned kMostShift = 28;  // a length has five groups at most
constexpr std::uint64_t kLargestOffset = std::numeric_limits<std::int64_t>::max();

struct Record {
    char type = 0;
    std::string_view text;
};

/// Takes records from the front of `bytes`: a type, a length in groups of seven bits (lowest
/// first, the high bit says that another group follows), the text. Nullopt at the end, at a record
/// that is cut off and at a length that cannot be.
class Records {
  public:
    explicit Records(std::string_view bytes) : rest_(bytes) {}

    std::optional<Record> next() {
        if (rest_.size() < 2) {
            return std::nullopt;
        }
        const char type = rest_.front();
        std::size_t at = 1;
        std::size_t length = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (at == rest_.size() || shift > kMostShift) {
                return std::nullopt;
            }
            const auto group = static_cast<unsigned char>(rest_[at++]);
            length |= static_cast<std::size_t>(group & 0x7FU) << shift;
            if ((group & 0x80U) == 0) {
                break;
            }
        }
        if (length > rest_.size() - at) {
            return std::nullopt;
        }
        const Record record{type, rest_.substr(at, length)};
        rest_.remove_prefix(at + length);
        return record;
    }

  private:
    std::string_view rest_;
};

/// The next number of a record such as "            284             280"; nullopt if there is none.
std::optional<std::uint64_t> take_number(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > kLargestOffset) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

void add_recipient(std::string_view address, QueueFileHead &head) {
    const auto at = address.rfind('@');
    const auto domain = at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
    auto *const end = head.domains.begin() + head.domain_count;
    if (head.domain_count < QueueFileHead::kMostDomains &&
        std::find(head.domains.begin(), end, domain) == end) {
        head.domains.at(head.domain_count++) = domain;
    }
}

struct Size {
    std::uint64_t content_bytes;
    std::uint64_t content_at;
    std::uint64_t recipients;
};

std::optional<Size> parse_size(std::string_view text) {
    const auto bytes = take_number(text);
    const auto content_at = take_number(text);
    const auto recipients = take_number(text);
    if (!bytes || !content_at || !recipients || *bytes > kLargestOffset - *content_at) {
        return std::nullopt;
    }
    return Size{*bytes, *content_at, *recipients};
}

void apply_size(std::string_view text, QueueFileHead &head, std::uint64_t &content_end) {
    if (const auto size = parse_size(text); size && !head.content_bytes) {
        head.content_bytes = size->content_bytes;
        head.recipients = size->recipients;
        content_end = size->content_at + size->content_bytes;
    }
}

}  // namespace

QueueFileHead parse_queue_file_head(std::string_view bytes) {
    QueueFileHead head;
    std::uint64_t content_end = 0;
    Records records(bytes);
    while (const auto record = records.next()) {
        std::string_view text = record->text;
        switch (record->type) {
            case 'C':
                apply_size(text, head, content_end);
                break;
            case 'T':
                if (const auto seconds = take_number(text); seconds && !head.arrival) {
                    head.arrival = static_cast<std::int64_t>(*seconds);
                }
                break;
            case 'S':
                head.sender = text;
                break;
            case 'R':
                add_recipient(text, head);
                break;
            case 'p':
                // Cleanup moved what follows to the end of the file (a milter changed it).
                if (const auto target = take_number(text); target && *target > 0) {
                    head.recipients_at = head.domain_count == 0 ? *target : 0;
                    return head;
                }
                break;
            case 'M':
                head.recipients_at = head.domain_count == 0 ? content_end : 0;
                return head;
            default:
                break;
        }
    }
    return head;
}

void parse_more_recipients(std::string_view bytes, QueueFileHead &head) {
    head.recipients_at = 0;
    Records records(bytes);
    while (const auto record = records.next()) {
        if (record->type == 'E') {
            return;
        }
        if (record->type == 'R') {
            add_recipient(record->text, head);
        }
    }
}

std::optional<std::uint32_t> find_submitter(std::string_view bytes) {
    constexpr std::string_view kUser = ", from userid ";
    Records records(bytes);
    bool in_content = false;
    while (const auto record = records.next()) {
        if (!in_content) {
            in_content = record->type == 'M';
            continue;
        }
        const std::size_t at = record->text.find(kUser);
        if (record->type != 'N' || !record->text.starts_with("Received: by ") ||
            at == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view number = record->text.substr(at + kUser.size());
        std::uint32_t uid = 0;
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), uid);
        return error == std::errc{} && end != number.data() ? std::optional(uid) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace mail_relay
