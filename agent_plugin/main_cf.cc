#include "agent_plugin/main_cf.h"

#include <algorithm>

namespace mail_relay {

namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trim(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const auto last = text.find_last_not_of(kBlanks);
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::map<std::string, std::string, std::less<>> parse_main_cf(std::string_view content) {
    std::map<std::string, std::string, std::less<>> parameters;
    std::string *continued = nullptr;
    while (!content.empty()) {
        const auto end = std::min(content.find('\n'), content.size());
        const std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        const std::string_view text = trim(line);
        if (text.empty() || text.front() == '#') {
            continue;  // also between a line and its continuation
        }
        if (kBlanks.find(line.front()) != std::string_view::npos) {
            if (continued != nullptr) {
                *continued += continued->empty() ? "" : " ";
                *continued += text;
            }
            continue;
        }
        const auto equals = text.find('=');
        const std::string_view name = trim(text.substr(0, equals));
        if (equals == std::string_view::npos || name.empty()) {
            continued = nullptr;
            continue;
        }
        continued = &parameters[std::string(name)];
        *continued = trim(text.substr(equals + 1));
    }
    return parameters;
}

}  // namespace mail_relay
