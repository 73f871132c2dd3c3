#include "special_agent/mail_date.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <string>

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kLongestDate = 100;
constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::tm utc_of(std::int64_t unix_time) {
    const auto seconds = static_cast<time_t>(unix_time);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    return utc;
}

const char *month_of(const std::tm &utc) {
    return kMonths.at(static_cast<std::size_t>(utc.tm_mon));
}

}  // namespace

std::optional<std::int64_t> parse_mail_date(std::string_view text) {
    // A trailing comment names the zone once more; curl_getdate() refuses it.
    text = text.substr(0, text.find('('));
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text.size() > kLongestDate) {
        return std::nullopt;
    }
    const time_t time = curl_getdate(std::string(text.substr(start)).c_str(), nullptr);
    if (time < 0) {
        return std::nullopt;
    }
    return time;
}

std::string format_mail_date(std::int64_t unix_time) {
    const auto utc = utc_of(unix_time);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
                       kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday, month_of(utc),
                       utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string format_search_day(std::int64_t unix_time) {
    const auto utc = utc_of(unix_time);
    return fmt::format("{}-{}-{}", utc.tm_mday, month_of(utc), utc.tm_year + 1900);
}

}  // namespace mail_relay::roundtrip
