#include "special_agent/imap_folder_name.h"

#include <cstdint>
#include <optional>

#include "common/utf8.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool stands_for_itself(char byte) {
    return byte >= ' ' && byte <= '~';
}

void append_utf8(std::string &text, char32_t character) {
    const auto byte = [&](char32_t bits) { text += static_cast<char>(bits); };
    if (character < 0x80) {
        byte(character);
    } else if (character < 0x800) {
        byte(0xC0 | character >> 6);
        byte(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        byte(0xE0 | character >> 12);
        byte(0x80 | (character >> 6 & 0x3F));
        byte(0x80 | (character & 0x3F));
    } else {
        byte(0xF0 | character >> 18);
        byte(0x80 | (character >> 12 & 0x3F));
        byte(0x80 | (character >> 6 & 0x3F));
        byte(0x80 | (character & 0x3F));
    }
}

// Writes UTF-16 units in IMAP's Base64, which has no padding.
class UnitWriter {
  public:
    explicit UnitWriter(std::string &text) : text_(text) {}

    void add(char32_t unit) {
        bits_ = bits_ << 16 | (unit & 0xFFFF);
        count_ += 16;
        while (count_ >= 6) {
            count_ -= 6;
            text_ += kDigits[bits_ >> count_ & 0x3F];
        }
    }

    void finish() {
        if (count_ > 0) {
            text_ += kDigits[bits_ << (6 - count_) & 0x3F];
        }
        text_ += '-';
    }

  private:
    std::string &text_;
    std::uint64_t bits_ = 0;
    unsigned count_ = 0;
};

// The characters of one "&...-" without its frame; empty if it is not well-formed.
std::optional<std::string> decode_shift(std::string_view digits) {
    std::string text;
    std::uint64_t bits = 0;
    unsigned count = 0;
    char32_t high = 0;
    for (const char digit : digits) {
        const auto value = kDigits.find(digit);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        bits = bits << 6 | value;
        count += 6;
        if (count < 16) {
            continue;
        }
        count -= 16;
        const auto unit = static_cast<char32_t>(bits >> count & 0xFFFF);
        const bool is_low = unit >= 0xDC00 && unit < 0xE000;
        if (is_low != (high != 0)) {
            return std::nullopt;
        }
        if (unit >= 0xD800 && unit < 0xDC00) {
            high = unit;
            continue;
        }
        append_utf8(text, is_low ? 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) : unit);
        high = 0;
    }
    return high == 0 && count < 6 ? std::optional(text) : std::nullopt;
}

}  // namespace

Result<std::string> encode_folder_name(std::string_view name) {
    std::string encoded;
    for (auto rest = name; !rest.empty();) {
        if (rest.front() == '&') {
            encoded += "&-";
            rest.remove_prefix(1);
        } else if (stands_for_itself(rest.front())) {
            encoded += rest.front();
            rest.remove_prefix(1);
        } else {
            encoded += '&';
            UnitWriter writer(encoded);
            while (!rest.empty() && !stands_for_itself(rest.front())) {
                const auto character = take_character(rest);
                if (!character || *character < 0x20 || *character == 0x7F) {
                    return failed("folder name is no printable UTF-8");
                }
                if (*character >= 0x10000) {
                    writer.add(0xD800 + ((*character - 0x10000) >> 10));
                    writer.add(0xDC00 + ((*character - 0x10000) & 0x3FF));
                } else {
                    writer.add(*character);
                }
            }
            writer.finish();
        }
    }
    return encoded;
}

std::string decode_folder_name(std::string_view encoded) {
    std::string name;
    for (auto rest = encoded; !rest.empty();) {
        const auto end = rest.front() == '&' ? rest.find('-') : std::string_view::npos;
        if (end == std::string_view::npos) {
            name += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        const auto text = end == 1 ? std::string("&") : decode_shift(rest.substr(1, end - 1));
        name += text.value_or(std::string(rest.substr(0, end + 1)));
        rest.remove_prefix(end + 1);
    }
    return name;
}

}  // namespace mail_relay::roundtrip
