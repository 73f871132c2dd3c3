#include "agent_plugin/postfix_time.h"

#include <charconv>
#include <cstdint>

namespace mail_relay {

namespace {

constexpr std::int64_t kLongest = 0x7FFFFFFF;  // Postfix keeps times in an int

std::optional<std::int64_t> seconds_of_unit(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86400;
        case 'w':
            return 604800;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<std::chrono::seconds> parse_postfix_time(std::string_view text, char default_unit) {
    std::int64_t number = 0;
    const char *const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number < 0 || end - rest > 1) {
        return std::nullopt;
    }
    const auto unit = seconds_of_unit(rest == end ? default_unit : *rest);
    if (!unit || number > kLongest / *unit) {
        return std::nullopt;
    }
    return std::chrono::seconds(number * *unit);
}

}  // namespace mail_relay
