#include "common/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
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
        const auto is_plain = [](char byte) { return static_cast<unsigned char>(byte) < 0x7F; };
        const auto plain_end = std::find_if_not(left.begin(), left.end(), is_plain);
        line.append(left.begin(), plain_end);
        left.remove_prefix(static_cast<std::size_t>(plain_end - left.begin()));
        if (!left.empty()) {
            append_escaped(line, take_character(left).value_or(kReplacement));
        }
    }
    return line;
}

}  // namespace mail_relay
