#pragma once

#include <optional>
#include <string_view>

namespace mail_relay {

/// Takes the first character of `text` (not empty) off its front. nullopt: the first byte, which is
/// taken off, begins no well-formed UTF-8 sequence. Source: RFC 3629.
std::optional<char32_t> take_character(std::string_view &text);

}  // namespace mail_relay
