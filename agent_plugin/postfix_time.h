#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace mail_relay {

/// A time value of main.cf: "300s", "5d"; "1h30m" and "5D" are none. Units are s, m, h, d and w; a
/// number alone has the parameter's own `default_unit`. Nullopt for anything else or an overflow.
/// Source: postconf(5), Postfix src/global/conv_time.c.
std::optional<std::chrono::seconds> parse_postfix_time(std::string_view text, char default_unit);

}  // namespace mail_relay
