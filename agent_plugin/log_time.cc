#include "agent_plugin/log_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>

namespace mail_relay {

namespace {

constexpr std::int64_t kMinute_s = 60;
constexpr std::int64_t kHour_s = 3600;
constexpr std::int64_t kDay_s = 86400;

/// The number in the digits at `at`; nullopt if one is no digit or it is not in the range.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits, int least,
                             int most) {
    int number = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<int> month_of(std::string_view name) {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::find(kMonths.begin(), kMonths.end(), name);
    return found == kMonths.end() ? std::nullopt
                                  : std::optional(static_cast<int>(found - kMonths.begin()));
}

/// The start of the minute in "Nov 21 09:02", in local time.
std::optional<std::int64_t> classic_minute(std::string_view text, std::int64_t now) {
    const auto month = month_of(text.substr(0, 3));
    const auto day = text[4] == ' ' ? number_at(text, 5, 1, 1, 9) : number_at(text, 4, 2, 1, 31);
    const auto hour = number_at(text, 7, 2, 0, 23);
    const auto minute = number_at(text, 10, 2, 0, 59);
    if (!month || !day || !hour || !minute) {
        return std::nullopt;
    }
    const std::time_t current = now;
    std::tm today{};
    ::localtime_r(&current, &today);
    const auto in_year = [&](int year) {
        std::tm parts{};
        parts.tm_year = year;
        parts.tm_mon = *month;
        parts.tm_mday = *day;
        parts.tm_hour = *hour;
        parts.tm_min = *minute;
        parts.tm_isdst = -1;
        return static_cast<std::int64_t>(std::mktime(&parts));
    };
    // A log read just after New Year's Eve ends in December; one read just before, on a host whose
    // zone was changed, may be ahead of us.
    for (const int year : {today.tm_year + 1, today.tm_year}) {
        if (const std::int64_t time = in_year(year); time <= now + kDay_s) {
            return time;
        }
    }
    return in_year(today.tm_year - 1);
}

/// Seconds east of Greenwich: "Z", "+01:00".
std::optional<int> zone_offset_s(std::string_view zone) {
    if (zone == "Z" || zone == "z") {
        return 0;
    }
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
        return std::nullopt;
    }
    const auto hours = number_at(zone, 1, 2, 0, 23);
    const auto minutes = number_at(zone, 4, 2, 0, 59);
    if (!hours || !minutes) {
        return std::nullopt;
    }
    const int offset_s = *hours * 3600 + *minutes * 60;
    return zone[0] == '-' ? -offset_s : offset_s;
}

/// The start of the minute in "2026-11-21T09:02".
std::optional<std::int64_t> rfc3339_minute(std::string_view text, std::string_view zone) {
    const auto year = number_at(text, 0, 4, 1970, 9999);
    const auto month = number_at(text, 5, 2, 1, 12);
    const auto day = number_at(text, 8, 2, 1, 31);
    const auto hour = number_at(text, 11, 2, 0, 23);
    const auto minute = number_at(text, 14, 2, 0, 59);
    const auto offset_s = zone_offset_s(zone);
    if (!year || !month || !day || !hour || !minute || !offset_s) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date).time_since_epoch().count() * kDay_s + *hour * kHour_s +
           *minute * kMinute_s - *offset_s;
}

constexpr std::string_view kClassic = "Nov 21 09:02:05";
constexpr std::string_view kRfc3339 = "2026-11-21T09:02:05";
constexpr std::size_t kSeconds = std::string_view(":05").size();

}  // namespace

std::optional<std::int64_t> LogTimes::read(std::string_view stamp) {
    const bool is_classic = stamp.size() == kClassic.size();
    const std::size_t size = is_classic ? kClassic.size() : kRfc3339.size();
    if (stamp.size() < size) {
        return std::nullopt;
    }
    const std::string_view minute = stamp.substr(0, size - kSeconds);
    std::string_view zone;
    if (!is_classic) {
        zone = stamp.substr(std::min(stamp.find_first_of("Zz+-", size), stamp.size()));
    }
    if (minute != minute_ || zone != zone_) {
        const auto start = is_classic ? classic_minute(minute, now_) : rfc3339_minute(minute, zone);
        if (!start) {
            return std::nullopt;
        }
        minute_ = minute;
        zone_ = zone;
        minute_start_ = *start;
    }
    const auto second = number_at(stamp, size - 2, 2, 0, 60);  // 60: a leap second
    if (!second || stamp[size - kSeconds] != ':') {
        return std::nullopt;
    }
    return std::min(minute_start_ + *second, now_);
}

}  // namespace mail_relay
