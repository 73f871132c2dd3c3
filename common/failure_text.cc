#include "common/failure_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/ascii.h"
#include "common/utf8.h"

namespace mail_relay {
namespace {

constexpr std::size_t kTextLimit = 4096;
constexpr std::size_t kKeyLimit = 160;
constexpr std::size_t kTokenLimit = 64;
constexpr std::size_t kStatusLimit = 8;  ///< what is longer holds a number too long for a status
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kTrailing = ".:!-*";
constexpr std::string_view kMore = " ...";
constexpr std::string_view kSuspended = "delivery temporarily suspended: ";
// Not "May" and "Sun", which are words.
constexpr std::array<std::string_view, 17> kCalendarWords = {
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Jan", "Feb", "Mar",
    "Apr", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr CharacterSet kNumeric("0123456789.:-/+");
constexpr CharacterSet kPunctuation("<>()[]{},;\"'`=|?");

constexpr bool is_hex(char c) {
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

constexpr bool is_token(char c) {
    return !is_blank(c) && !kPunctuation.contains(c);
}

bool only(std::string_view token, bool (*accept)(char)) {
    return std::all_of(token.begin(), token.end(), accept);
}

/// Blanks and control characters as one space each, what is not UTF-8 as '?'.
std::string readable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char first = text.front();
        if (is_ascii(first)) {
            text.remove_prefix(1);
            if (!is_blank(first)) {
                out += first;
            } else if (!out.empty() && out.back() != ' ') {
                out += ' ';
            }
            continue;
        }
        const std::string_view before = text;
        const bool valid = take_character(text).has_value();
        out += valid ? before.substr(0, before.size() - text.size()) : std::string_view("?");
    }
    if (out.ends_with(' ')) {
        out.pop_back();
    }
    return out;
}

bool is_ip_address(std::string_view token) {
    if (token.starts_with("IPv6:")) {
        token.remove_prefix(5);
    }
    const auto dots = std::count(token.begin(), token.end(), '.');
    const auto colons = std::count(token.begin(), token.end(), ':');
    if (colons == 7 || token.find("::") != std::string_view::npos) {
        return only(token.substr(0, token.find('%')),
                    [](char c) { return is_hex(c) || c == ':' || c == '.'; });
    }
    return dots == 3 && colons == 0 && only(token, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_host_name(std::string_view token) {
    const std::size_t dot = token.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || token.size() - dot < 3) {
        return false;
    }
    return only(token.substr(dot + 1), [](char c) { return is_letter(c) || c == '-'; }) &&
           only(token, [](char c) {
               return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
           });
}

/// A reply code ("550"), an enhanced status code ("5.7.26") or both ("550-5.7.26").
bool is_status(std::string_view token) {
    if (token.size() > 4 && token[3] == '-') {
        return is_status(token.substr(0, 3)) && is_status(token.substr(4));
    }
    if (token.size() < 3 || (token[0] != '2' && token[0] != '4' && token[0] != '5')) {
        return false;
    }
    if (token.size() == 3) {
        return token[0] != '2' && only(token, is_digit);
    }
    return token[1] == '.' && std::count(token.begin(), token.end(), '.') == 2 &&
           only(token, [](char c) { return is_digit(c) || c == '.'; }) && token.back() != '.' &&
           token[2] != '.' && token.size() <= kStatusLimit;
}

bool is_calendar_word(std::string_view token) {
    return std::find(kCalendarWords.begin(), kCalendarWords.end(), token) != kCalendarWords.end();
}

bool is_id(std::string_view token) {
    return token.size() >= 8 && std::any_of(token.begin(), token.end(), is_digit) &&
           token.find('/') == std::string_view::npos;
}

std::string_view without_port(std::string_view token) {
    const std::size_t colon = token.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == token.size()) {
        return token;
    }
    return only(token.substr(colon + 1), is_digit) ? token.substr(0, colon) : token;
}

/// Appends `token` to `key`, with numbers of five digits and more as N.
void append_without_long_numbers(std::string_view token, std::string &key) {
    while (!token.empty()) {
        const std::size_t digits = std::min(token.find_first_not_of(kDigits), token.size());
        const std::size_t taken = std::max<std::size_t>(digits, 1);
        key += digits >= 5 ? std::string_view("N") : token.substr(0, taken);
        token.remove_prefix(taken);
    }
}

/// What stands for `token` in a key; "" when it stands for itself.
std::string_view placeholder(std::string_view token) {
    if (token.size() > kTokenLimit) {
        return "ID";
    }
    if (token.find('@') != std::string_view::npos) {
        return "ADDRESS";
    }
    const bool word = only(token, is_letter);
    if (word) {
        return is_calendar_word(token) ? "N" : "";
    }
    if (is_status(token)) {
        return "";
    }
    const std::string_view bare = without_port(token);
    if (is_ip_address(token) || is_ip_address(bare)) {
        return "IP";
    }
    if (is_host_name(bare) || (bare != token && bare == "HOST")) {
        return "HOST";
    }
    if (only(token, [](char c) { return kNumeric.contains(c); }) && is_digit(token.front())) {
        return "N";
    }
    return is_id(token) ? "ID" : "";
}

class Generaliser {
  public:
    explicit Generaliser(std::string_view text) : text_(text) {}

    std::string run() && {
        while (at_ < text_.size() && key_.size() <= kKeyLimit) {
            if (text_[at_] == '[' && take_host_address()) {
                continue;
            }
            is_token(text_[at_]) ? take_token() : take_other();
        }
        return std::move(key_);
    }

  private:
    void take_other() { key_ += text_[at_++]; }

    void take_token() {
        std::size_t end = at_;
        while (end < text_.size() && is_token(text_[end])) {
            ++end;
        }
        const std::string_view token = text_.substr(at_, end - at_);
        if (token.find("://") != std::string_view::npos) {
            return take_url();
        }
        std::size_t length = token.find_last_not_of(kTrailing);
        length = length == std::string_view::npos ? 0 : length + 1;
        if (length == 0) {
            key_ += token;
        } else {
            append(token.substr(0, length));
            key_ += token.substr(length, kTokenLimit);
        }
        at_ = end;
    }

    void append(std::string_view token) {
        const std::string_view instead = placeholder(token);
        if (instead.empty()) {
            append_without_long_numbers(token, key_);
        } else {
            key_ += instead;
        }
    }

    void take_url() {
        const auto ends_url = [](char c) {
            return is_blank(c) || c == '<' || c == '>' || c == '"';
        };
        while (at_ < text_.size() && !ends_url(text_[at_])) {
            ++at_;
        }
        key_ += "URL";
    }

    /// What is glued to an address (":25"), but not the punctuation after it.
    void skip_token() {
        std::size_t end = at_;
        while (end < text_.size() && is_token(text_[end])) {
            ++end;
        }
        const std::size_t last = text_.substr(at_, end - at_).find_last_not_of(kTrailing);
        at_ += last == std::string_view::npos ? 0 : last + 1;
    }

    /// "name[address]:port" or "[address]:port".
    bool take_host_address() {
        const std::size_t close = text_.substr(at_, kTokenLimit).find(']');
        if (close == std::string_view::npos) {
            return false;
        }
        if (!is_ip_address(text_.substr(at_ + 1, close - 1))) {
            return false;
        }
        std::size_t start = key_.size();
        while (start > 0 && is_token(key_[start - 1])) {
            --start;
        }
        const bool named = start < key_.size();
        key_.resize(start);
        key_ += named ? "HOST" : "IP";
        at_ += close + 1;
        skip_token();
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string key_;
};

/// Cuts between tokens: half a token could read as something else.
std::string shorten(std::string key) {
    if (key.size() <= kKeyLimit) {
        return key;
    }
    std::size_t end = kKeyLimit - kMore.size();
    while (end > 0 && is_token(key[end]) && is_token(key[end - 1])) {
        --end;
    }
    key.resize(end);
    while (key.ends_with(' ')) {
        key.pop_back();
    }
    key += kMore;
    return key;
}

}  // namespace

std::string normalise_failure_text(std::string_view text) {
    const std::string clean = readable(text.substr(0, kTextLimit));
    std::string_view body = clean;
    while (body.starts_with(kSuspended)) {
        body.remove_prefix(kSuspended.size());
    }
    return shorten(Generaliser(body).run());
}

}  // namespace mail_relay
