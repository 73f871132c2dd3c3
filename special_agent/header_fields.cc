#include "special_agent/header_fields.h"

#include "common/ascii.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kMostValues = 100;

/// Takes a field off the front: its first line and those that begin with a blank.
std::string_view take_field(std::string_view &header) {
    std::size_t end = 0;
    do {
        end = header.find('\n', end);
        end = end == std::string_view::npos ? header.size() : end + 1;
    } while (end < header.size() && (header[end] == ' ' || header[end] == '\t'));
    const std::string_view field = header.substr(0, end);
    header.remove_prefix(end);
    return field;
}

}  // namespace

std::vector<std::string> header_values(std::string_view header, std::string_view name) {
    std::vector<std::string> values;
    while (!header.empty() && values.size() < kMostValues) {
        std::string_view field = take_field(header);
        while (!field.empty() && (field.back() == '\n' || field.back() == '\r')) {
            field.remove_suffix(1);
        }
        if (field.empty()) {
            break;
        }
        const auto colon = field.find(':');
        if (colon != std::string_view::npos && same_word(field.substr(0, colon), name)) {
            values.emplace_back(field.substr(colon + 1));
        }
    }
    return values;
}

}  // namespace mail_relay::roundtrip
