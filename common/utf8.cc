#include "common/utf8.h"

#include <cstddef>

namespace mail_relay {

namespace {

struct Lead {
    std::size_t length;
    char32_t bits;      ///< the character's bits in the first byte
    char32_t smallest;  ///< anything below could be said in fewer bytes
};

std::optional<Lead> lead_of(unsigned char first) {
    if (first < 0x80) {
        return Lead{1, first, 0};
    }
    if ((first & 0xE0U) == 0xC0U) {
        return Lead{2, first & 0x1FU, 0x80};
    }
    if ((first & 0xF0U) == 0xE0U) {
        return Lead{3, first & 0x0FU, 0x800};
    }
    if ((first & 0xF8U) == 0xF0U) {
        return Lead{4, first & 0x07U, 0x10000};
    }
    return std::nullopt;
}

std::optional<char32_t> decode(std::string_view sequence, const Lead &lead) {
    if (sequence.size() != lead.length) {
        return std::nullopt;
    }
    char32_t character = lead.bits;
    for (const char byte : sequence.substr(1)) {
        const auto bits = static_cast<unsigned char>(byte);
        if ((bits & 0xC0U) != 0x80U) {
            return std::nullopt;
        }
        character = (character << 6U) | (bits & 0x3FU);
    }
    const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < lead.smallest || character > 0x10FFFF || is_surrogate) {
        return std::nullopt;
    }
    return character;
}

}  // namespace

std::optional<char32_t> take_character(std::string_view &text) {
    const auto lead = lead_of(static_cast<unsigned char>(text.front()));
    const auto character =
        lead ? decode(text.substr(0, lead->length), *lead) : std::optional<char32_t>();
    text.remove_prefix(character ? lead->length : 1);
    return character;
}

}  // namespace mail_relay
