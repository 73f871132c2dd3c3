#include "agent_plugin/queue_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mail_relay {

namespace {

constexpr std::size_t kLongestId = 100;
constexpr std::size_t kSecondsDigits = 6;       // at least
constexpr std::size_t kMicrosecondsDigits = 4;  // exactly
constexpr std::uint64_t kBase = 52;
constexpr std::uint64_t kMicrosecondsEnd = 1000000;
constexpr char kInodeSeparator = 'z';

bool is_ascii_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The alphabet has no vowels, so that no ID spells a word.
constexpr std::string_view kAlphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
static_assert(kAlphabet.size() == kBase);

constexpr std::array<std::int8_t, 128> digit_values() {
    std::array<std::int8_t, 128> values{};
    values.fill(-1);
    for (std::size_t digit = 0; digit < kAlphabet.size(); ++digit) {
        values[static_cast<unsigned char>(kAlphabet[digit])] = static_cast<std::int8_t>(digit);
    }
    return values;
}

std::optional<std::uint64_t> decode(std::string_view digits) {
    constexpr std::size_t kMostDigits = 10;  // 52^10 fits into 64 bits
    static constexpr auto kValues = digit_values();
    if (digits.size() > kMostDigits) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= kValues.size() || kValues.at(code) < 0) {
            return std::nullopt;
        }
        value = value * kBase + static_cast<std::uint64_t>(kValues.at(code));
    }
    return value;
}

struct LongIdTime {
    std::uint64_t seconds;
    std::uint64_t microseconds;
};

std::optional<LongIdTime> decode_long_id(std::string_view id) {
    const auto separator = id.rfind(kInodeSeparator);
    if (separator == std::string_view::npos || separator < kSecondsDigits + kMicrosecondsDigits ||
        separator + 1 == id.size()) {
        return std::nullopt;
    }
    const auto microseconds_at = separator - kMicrosecondsDigits;
    const auto seconds = decode(id.substr(0, microseconds_at));
    const auto microseconds = decode(id.substr(microseconds_at, kMicrosecondsDigits));
    if (!seconds || !microseconds || *microseconds >= kMicrosecondsEnd ||
        !decode(id.substr(separator + 1).substr(0, kMicrosecondsDigits))) {
        return std::nullopt;
    }
    return LongIdTime{*seconds, *microseconds};
}

}  // namespace

bool is_queue_id(std::string_view name) {
    return !name.empty() && name.size() <= kLongestId &&
           std::all_of(name.begin(), name.end(), is_ascii_alnum);
}

std::optional<std::int64_t> arrival_of_queue_id(std::string_view id) {
    constexpr std::uint64_t kYear2200 = 7258118400;
    const auto time = decode_long_id(id);
    if (!time || time->seconds > kYear2200) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(time->seconds);
}

std::string hashed_folder(std::string_view id, int depth) {
    const auto time = decode_long_id(id);
    const std::string digits = time ? fmt::format("{:05X}", time->microseconds) : std::string(id);
    std::string folder;
    for (std::size_t level = 0; level < static_cast<std::size_t>(std::max(depth, 0)); ++level) {
        if (level > 0) {
            folder += '/';
        }
        folder += level < digits.size() ? digits[level] : '_';
    }
    return folder;
}

}  // namespace mail_relay
