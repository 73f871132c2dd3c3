#include "agent_plugin/journal_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>

namespace mail_relay {

namespace json = boost::json;

namespace {

std::string text_of(const json::object &object, std::string_view name) {
    const json::value *value = object.if_contains(name);
    if (value == nullptr) {
        return {};
    }
    if (const json::string *text = value->if_string()) {
        return {text->begin(), text->end()};
    }
    std::string bytes;
    if (const json::array *numbers = value->if_array()) {
        for (const json::value &number : *numbers) {
            const auto *byte = number.if_int64();
            if (byte == nullptr || *byte < 0 || *byte > 255) {
                return {};
            }
            bytes.push_back(static_cast<char>(*byte));
        }
    }
    return bytes;
}

template <class Number>
std::optional<Number> number_of(const json::object &object, std::string_view name) {
    const std::string text = text_of(object, name);
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number =
        !text.empty() && error == std::errc() && end == text.data() + text.size();
    return is_number ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<JournalEntry> parse_journal_entry(std::string_view text) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 4;
    const json::value value = json::parse(text, error, {}, options);
    const json::object *object = error ? nullptr : value.if_object();
    if (object == nullptr) {
        return std::nullopt;
    }
    JournalEntry entry;
    entry.cursor = text_of(*object, "__CURSOR");
    const auto time_us = number_of<std::int64_t>(*object, "__REALTIME_TIMESTAMP");
    if (entry.cursor.empty() || !time_us || *time_us < 0 || *time_us >= 253402300800000000) {
        return std::nullopt;
    }
    entry.time_us = *time_us;
    entry.identifier = text_of(*object, "SYSLOG_IDENTIFIER");
    entry.message = text_of(*object, "MESSAGE");
    entry.uid = number_of<std::uint32_t>(*object, "_UID");
    return entry;
}

std::string log_line_of(const JournalEntry &entry) {
    if (entry.identifier.empty() ||
        entry.identifier.find_first_of(" \t\r\n[]:") != std::string::npos) {
        return {};
    }
    const std::chrono::sys_seconds time{std::chrono::seconds(entry.time_us / 1'000'000)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::string line = fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z journal {}: {}", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        clock.hours().count(), clock.minutes().count(), clock.seconds().count(), entry.identifier,
        entry.message);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    line += '\n';
    return line;
}

}  // namespace mail_relay
