#include "common/failure_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mail_relay {
namespace {

constexpr std::size_t kTextLimit = 4096;
constexpr std::size_t kKeyLimit = 160;
constexpr std::size_t kTokenLimit = 64;
constexpr std::string_view kMore = " ...";

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

constexpr bool is_token(char c) {
    return !is_blank(c) && std::string_view("<>()[]{},;\"'`=|?").find(c) == std::string_view::npos;
}

bool only(std::string_view token, bool (*accept)(char)) {
    return std::all_of(token.begin(), token.end(), accept);
}

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80                     ? 1U
                               : first >= 0xc2 && first <= 0xdf ? 2U
                               : first >= 0xe0 && first <= 0xef ? 3U
                               : first >= 0xf0 && first <= 0xf4 ? 4U
                                                                : 0U;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xc0) != 0x80) return 0;
    }
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return length;
}

/// Blanks and control characters as one space each, what is not UTF-8 as '?'.
std::string readable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out += '?';
        } else if (is_blank(text[0])) {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

bool is_ip_address(std::string_view token) {
    if (token.starts_with("IPv6:")) token.remove_prefix(5);
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
    if (dot == std::string_view::npos || dot == 0 || token.size() - dot < 3) return false;
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
    if (token.size() < 3 || (token[0] != '2' && token[0] != '4' && token[0] != '5')) return false;
    if (token.size() == 3) return token[0] != '2' && only(token, is_digit);
    return token[1] == '.' && std::count(token.begin(), token.end(), '.') == 2 &&
           only(token, [](char c) { return is_digit(c) || c == '.'; }) && token.back() != '.' &&
           token[2] != '.' && token.size() <= 9;
}

bool is_calendar_word(std::string_view token) {
    constexpr std::array<std::string_view, 17> kWords = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
                                                         "Jan", "Feb", "Mar", "Apr", "Jun", "Jul",
                                                         "Aug", "Sep", "Oct", "Nov", "Dec"};
    return std::find(kWords.begin(), kWords.end(), token) != kWords.end();
}

bool is_id(std::string_view token) {
    return token.size() >= 8 && std::any_of(token.begin(), token.end(), is_digit) &&
           token.find('/') == std::string_view::npos;
}

std::string_view without_port(std::string_view token) {
    const std::size_t colon = token.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == token.size()) return token;
    return only(token.substr(colon + 1), is_digit) ? token.substr(0, colon) : token;
}

/// `token`, with numbers of five digits and more as N.
std::string without_long_numbers(std::string_view token) {
    std::string out;
    while (!token.empty()) {
        const auto end = std::find_if_not(token.begin(), token.end(), is_digit);
        const auto digits = static_cast<std::size_t>(end - token.begin());
        out +=
            digits >= 5 ? std::string_view("N") : token.substr(0, std::max<std::size_t>(digits, 1));
        token.remove_prefix(std::max<std::size_t>(digits, 1));
    }
    return out;
}

std::string generalise(std::string_view token) {
    if (token.find('@') != std::string_view::npos) return "ADDRESS";
    if (token.size() > kTokenLimit) return "ID";
    if (is_status(token)) return std::string(token);
    if (is_ip_address(token)) return "IP";
    const std::string_view bare = without_port(token);
    if (is_ip_address(bare)) return "IP";
    if (is_host_name(bare)) return "HOST";
    if (bare != token && bare == "HOST") return "HOST";
    if (is_calendar_word(token)) return "N";
    const bool number =
        is_digit(token.front()) && only(token, [](char c) {
            return is_digit(c) || c == '.' || c == ':' || c == '-' || c == '/' || c == '+';
        });
    if (number) return "N";
    return is_id(token) ? "ID" : without_long_numbers(token);
}

class Generaliser {
  public:
    explicit Generaliser(std::string_view text) : text_(text) {}

    std::string run() && {
        while (at_ < text_.size() && key_.size() <= kKeyLimit) {
            if (text_[at_] == '[' && take_host_address()) continue;
            is_token(text_[at_]) ? take_token() : take_other();
        }
        return std::move(key_);
    }

  private:
    void take_other() { key_ += text_[at_++]; }

    void take_token() {
        std::size_t end = at_;
        while (end < text_.size() && is_token(text_[end])) ++end;
        std::string_view token = text_.substr(at_, end - at_);
        if (token.find("://") != std::string_view::npos) return take_url();
        std::size_t length = token.find_last_not_of(".:!-*");
        length = length == std::string_view::npos ? 0 : length + 1;
        if (length == 0) {
            key_ += token;
        } else {
            key_ += generalise(token.substr(0, length));
            key_ += token.substr(length, kTokenLimit);
        }
        at_ = end;
    }

    void take_url() {
        const auto ends_url = [](char c) {
            return is_blank(c) || c == '<' || c == '>' || c == '"';
        };
        while (at_ < text_.size() && !ends_url(text_[at_])) ++at_;
        key_ += "URL";
    }

    /// "name[address]:port" or "[address]:port".
    bool take_host_address() {
        const std::size_t close = text_.substr(at_, kTokenLimit).find(']');
        if (close == std::string_view::npos) return false;
        if (!is_ip_address(text_.substr(at_ + 1, close - 1))) return false;
        std::size_t start = key_.size();
        while (start > 0 && is_token(key_[start - 1])) --start;
        const bool named = start < key_.size();
        key_.resize(start);
        key_ += named ? "HOST" : "IP";
        at_ += close + 1;
        if (at_ + 1 < text_.size() && text_[at_] == ':' && is_digit(text_[at_ + 1])) {
            ++at_;
            while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string key_;
};

/// Cuts between tokens: half a token could read as something else.
std::string shorten(std::string key) {
    if (key.size() <= kKeyLimit) return key;
    std::size_t end = kKeyLimit - kMore.size();
    while (end > 0 && is_token(key[end]) && is_token(key[end - 1])) --end;
    key.resize(end);
    while (key.ends_with(' ')) key.pop_back();
    key += kMore;
    return key;
}

}  // namespace

std::string normalise_failure_text(std::string_view text) {
    const std::string clean = readable(text.substr(0, kTextLimit));
    std::string_view body = clean;
    constexpr std::string_view kSuspended = "delivery temporarily suspended: ";
    while (body.starts_with(kSuspended)) body.remove_prefix(kSuspended.size());
    return shorten(Generaliser(body).run());
}

}  // namespace mail_relay
