#include "agent_plugin/shell_quote.h"

#include <algorithm>

#include "common/utf8.h"

namespace mail_relay {

namespace {

bool is_harmless(char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_digit = c >= '0' && c <= '9';
    return is_letter || is_digit || std::string_view("_@%+=:,./-").find(c) != std::string::npos;
}

/// Characters a terminal or web page does not show, or that turn the direction of writing.
bool is_invisible(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || c == 0x61C || c == 0xFEFF ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

std::string shell_quote(std::string_view word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_harmless)) {
        return std::string(word);
    }
    std::string quoted = "'";
    while (!word.empty()) {
        const std::string_view rest = word;
        const auto character = take_character(word);
        if (!character || is_invisible(*character)) {
            quoted += '?';
        } else if (*character == U'\'') {
            quoted += R"('\'')";
        } else {
            quoted += rest.substr(0, rest.size() - word.size());
        }
    }
    return quoted + "'";
}

}  // namespace mail_relay
