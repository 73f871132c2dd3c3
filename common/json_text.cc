#include "common/json_text.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <string_view>

#include "common/utf8.h"

namespace mail_relay {

namespace {

void append_escaped(std::string &line, char32_t character) {
    auto out = std::back_inserter(line);
    if (character >= 0x10000) {
        const char32_t rest = character - 0x10000;
        fmt::format_to(out, "\\u{:04x}\\u{:04x}", 0xD800 + static_cast<unsigned>(rest >> 10U),
                       0xDC00 + static_cast<unsigned>(rest & 0x3FFU));
    } else {
        fmt::format_to(out, "\\u{:04x}", static_cast<unsigned>(character));
    }
}

}  // namespace

std::string json_line(const boost::json::object &object) {
    constexpr char32_t kReplacement = 0xFFFD;
    const std::string text = boost::json::serialize(object);
    std::string line;
    line.reserve(text.size());
    // Outside of strings JSON is ASCII, so every other byte stands in a string and may be escaped.
    for (std::string_view left = text; !left.empty();) {
        const auto first = static_cast<unsigned char>(left.front());
        const char32_t character = take_character(left).value_or(kReplacement);
        if (first < 0x7F) {
            line.push_back(static_cast<char>(first));
        } else {
            append_escaped(line, character);
        }
    }
    return line;
}

}  // namespace mail_relay
