#include "agent_plugin/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "agent_plugin/relayhost.h"

namespace mail_relay {

namespace {

constexpr int kMostBadLines = 20;

std::string_view trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r");
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(" \t\r") - start + 1);
}

std::optional<double> number(std::string_view text, double least, double most) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    return is_number && value >= least && value <= most ? std::optional(value) : std::nullopt;
}

/// Sets a duration; why not, or "".
std::string set_seconds(std::string_view text, double least, double most,
                        std::chrono::milliseconds &span) {
    const auto seconds = number(text, least, most);
    if (!seconds) {
        return fmt::format("\"{}\" is not a number of seconds from {} to {}", text, least, most);
    }
    span = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000.0));
    return {};
}

std::string set_count(std::string_view text, int least, int most, unsigned &count) {
    const auto value = number(text, least, most);
    if (!value || *value != static_cast<double>(static_cast<unsigned>(*value))) {
        return fmt::format("\"{}\" is not a whole number from {} to {}", text, least, most);
    }
    count = static_cast<unsigned>(*value);
    return {};
}

std::string set_log(std::string_view text, std::string &log) {
    if (text != "auto" && text != "none" && text != "journal" && !text.starts_with('/')) {
        return fmt::format("\"{}\" is neither auto, none, journal nor an absolute path", text);
    }
    log = text;
    return {};
}

std::string set_interval(std::string_view text, std::chrono::milliseconds &interval) {
    if (text == "0") {
        interval = std::chrono::milliseconds(0);
        return {};
    }
    return set_seconds(text, 30, 86'400, interval);
}

std::string set_direct_mx(std::string_view text, std::string &direct_mx) {
    if (const auto parsed = parse_relayhost(text); !text.empty() && !parsed) {
        return fmt::format("\"{}\" is no destination as relayhost takes it", text);
    }
    direct_mx = text;
    return {};
}

/// Applies one line; why it cannot be used, or "".
std::string apply(std::string_view line, Settings &settings) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
        return "it is not \"name = value\"";
    }
    const std::string_view name = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (name == "deadline") {
        return set_seconds(value, 1, 10, settings.deadline);
    }
    if (name == "queue_details") {
        return set_seconds(value, 0.1, 8, settings.queue_details);
    }
    if (name == "queue_threads") {
        return set_count(value, 1, 8, settings.queue_threads);
    }
    if (name == "log") {
        return set_log(value, settings.log);
    }
    if (name == "log_first_megabytes") {
        return set_count(value, 0, 100'000, settings.log_first_megabytes);
    }
    if (name == "log_time") {
        return set_seconds(value, 0.1, 8, settings.log_time);
    }
    if (name == "connection_interval") {
        return set_interval(value, settings.connection_interval);
    }
    if (name == "direct_mx") {
        return set_direct_mx(value, settings.direct_mx);
    }
    return fmt::format("\"{}\" is not a setting", name);
}

}  // namespace

Settings parse_settings(std::string_view content, Problems &problems) {
    Settings settings;
    int bad_lines = 0;
    for (int line_number = 1; !content.empty(); ++line_number) {
        const auto end = content.find('\n');
        const std::string_view line = trimmed(content.substr(0, end));
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::string error = apply(line, settings);
        if (!error.empty() && ++bad_lines <= kMostBadLines) {
            problems.push_back(
                {"settings", fmt::format("mail_relay.cfg line {}: {}", line_number, error)});
        }
    }
    return settings;
}

}  // namespace mail_relay
