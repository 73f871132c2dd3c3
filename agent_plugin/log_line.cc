#include "agent_plugin/log_line.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/ascii.h"

namespace mail_relay {

namespace {

/// Length of the time stamp that a blank ends at the front of `line`; 0: there is none.
std::size_t stamp_length(std::string_view line) {
    constexpr std::size_t kClassic = std::string_view("Nov 21 09:02:05").size();
    constexpr std::size_t kShortest = std::string_view("2026-11-21T09:02:05Z").size();
    constexpr std::size_t kLongest = std::string_view("2026-11-21T09:02:05.123456789+01:00").size();
    if (line.size() <= kShortest) {
        return 0;
    }
    if (!is_digit(line[0])) {
        const bool has_form = line[3] == ' ' && line[6] == ' ' && line[9] == ':' &&
                              line[12] == ':' && line[kClassic] == ' ';
        return has_form ? kClassic : 0;
    }
    const bool has_form = line[4] == '-' && line[7] == '-' && line[10] == 'T' && line[13] == ':';
    const std::size_t end = line.substr(0, kLongest + 1).find(' ');
    return has_form && end != std::string_view::npos && end >= kShortest ? end : 0;
}

/// The tag of "tag[pid]:" or "tag:"; nullopt for any other form.
std::optional<std::string_view> without_pid(std::string_view word) {
    if (!word.ends_with(':')) {
        return std::nullopt;
    }
    std::size_t size = word.size() - 1;
    if (size > 0 && word[size - 1] == ']') {
        --size;
        while (size > 0 && is_digit(word[size - 1])) {
            --size;
        }
        if (size == 0 || word[size - 1] != '[') {
            return std::nullopt;
        }
        --size;
    }
    return size == 0 ? std::nullopt : std::optional(word.substr(0, size));
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
    LogLine parsed;
    const std::size_t stamp = stamp_length(line);
    if (stamp == 0) {
        return std::nullopt;
    }
    parsed.stamp = line.substr(0, stamp);
    line.remove_prefix(stamp + 1);
    const std::size_t host = line.find(' ');
    if (host == 0 || host == std::string_view::npos) {
        return std::nullopt;
    }
    line.remove_prefix(host + 1);
    const std::size_t end = line.find(' ');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    parsed.text = line.substr(end + 1);
    const auto tag = without_pid(line.substr(0, end));
    if (!tag) {
        return std::nullopt;
    }
    parsed.tag = *tag;
    return parsed;
}

std::optional<std::string_view> program_of_tag(std::string_view tag, std::string_view syslog_name) {
    if (tag.size() <= syslog_name.size() + 1 || tag[syslog_name.size()] != '/' ||
        !tag.starts_with(syslog_name)) {
        return std::nullopt;
    }
    return tag.substr(tag.rfind('/') + 1);
}

bool is_bystander(std::string_view program) {
    constexpr std::array<std::string_view, 8> kBystanders{
        "smtpd",    "cleanup", "postscreen",      "anvil",
        "tlsproxy", "dnsblog", "trivial-rewrite", "scache"};
    return std::find(kBystanders.begin(), kBystanders.end(), program) != kBystanders.end();
}

}  // namespace mail_relay
