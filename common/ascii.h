#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace mail_relay {

// Characters as protocols know them: the locale must not matter, hence no <cctype>.

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || is_upper(c);
}
constexpr bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
constexpr char to_lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char to_upper(char c) {
    return is_letter(c) && !is_upper(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

/// In lower case, as far as it is ASCII.
inline std::string lower(std::string_view text) {
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), to_lower);
    return lowered;
}

/// Whether both are the same but for the case of ASCII letters.
constexpr bool same_word(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return to_lower(a) == to_lower(b); });
}

/// A space or control character.
constexpr bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

/// Some characters, found by one look into a table.
class CharacterSet {
  public:
    constexpr explicit CharacterSet(std::string_view members) {
        for (const char member : members) {
            table_[static_cast<unsigned char>(member)] = true;
        }
    }

    constexpr bool contains(char c) const { return table_[static_cast<unsigned char>(c)]; }

  private:
    std::array<bool, 256> table_{};
};

}  // namespace mail_relay
