#include "agent_plugin/delivery_attempt.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "common/ascii.h"

namespace mail_relay {

namespace {

/// A literal's size is known, so comparing takes an instruction or two.
template <std::size_t kSize>
bool take(std::string_view &text,
          const char (&prefix)[kSize]) {  // NOLINT(modernize-avoid-c-arrays): a literal is one
    if (!text.starts_with(std::string_view(prefix, kSize - 1))) {
        return false;
    }
    text.remove_prefix(kSize - 1);
    return true;
}

/// Takes a value that ends before `end`; nullopt if that is not to be found nearby.
std::optional<std::string_view> take_until(std::string_view &text, std::string_view end,
                                           std::size_t longest) {
    const std::size_t size = text.substr(0, longest + end.size()).find(end);
    if (size == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view value = text.substr(0, size);
    text.remove_prefix(size + end.size());
    return value;
}

/// Takes seconds like "12", "0.31" or "1.2" as milliseconds.
std::optional<std::uint64_t> take_seconds(std::string_view &text) {
    constexpr std::uint64_t kLimit = std::numeric_limits<std::uint32_t>::max();
    std::size_t at = 0;
    std::uint64_t seconds = 0;
    while (at < text.size() && is_digit(text[at])) {
        seconds = std::min(seconds * 10 + static_cast<std::uint64_t>(text[at] - '0'), kLimit);
        ++at;
    }
    if (at == 0) {
        return std::nullopt;
    }
    std::uint64_t fraction_ms = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        for (std::uint64_t unit_ms = 100; at < text.size() && is_digit(text[at]); unit_ms /= 10) {
            fraction_ms += unit_ms * static_cast<std::uint64_t>(text[at] - '0');
            ++at;
        }
    }
    text.remove_prefix(at);
    return seconds * 1000 + fraction_ms;
}

std::optional<std::array<std::uint64_t, 4>> take_delays(std::string_view &text) {
    std::array<std::uint64_t, 4> delays_ms{};
    for (std::size_t i = 0; i < delays_ms.size(); ++i) {
        if (i > 0 && !take(text, "/")) {
            return std::nullopt;
        }
        const auto delay_ms = take_seconds(text);
        if (!delay_ms) {
            return std::nullopt;
        }
        delays_ms.at(i) = *delay_ms;
    }
    return take(text, ", ") ? std::optional(delays_ms) : std::nullopt;
}

enum class Quotes { kProtect, kAreText };

/// Where the ">" stands that ends the address and has `end` behind it.
std::optional<std::size_t> address_size(std::string_view text, std::string_view end,
                                        Quotes quotes) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '>' && !quoted && text.substr(at + 1).starts_with(end)) {
            return at;
        }
        if (quotes == Quotes::kProtect) {
            quoted = quoted != (c == '"');
            at += c == '\\' ? 1 : 0;
        }
    }
    return std::nullopt;
}

/// What stands in the parentheses at the end.
std::string_view inside(std::string_view text) {
    return text.ends_with(')') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

std::optional<std::string_view> take_address(std::string_view &text, std::string_view end) {
    // The usual address has nothing to be careful about.
    const std::size_t at = text.find('>');
    if (const std::string_view address = text.substr(0, at);
        at < text.size() && text.substr(at + 1).starts_with(end) &&
        address.find('"') == std::string_view::npos &&
        address.find('\\') == std::string_view::npos) {
        text.remove_prefix(at + 1 + end.size());
        return address;
    }
    // Before 3.5, or with info_log_addr_form = internal, addresses are not quoted: a quote may then
    // stand alone.
    auto size = address_size(text, end, Quotes::kProtect);
    if (!size) {
        size = address_size(text, end, Quotes::kAreText);
    }
    if (!size) {
        return std::nullopt;
    }
    const std::string_view address = text.substr(0, *size);
    text.remove_prefix(*size + 1 + end.size());
    return address;
}

std::optional<DeliveryAttempt> parse_delivery_attempt(std::string_view text) {
    DeliveryAttempt attempt;
    if (!take(text, "to=<")) {
        return std::nullopt;
    }
    const auto recipient = take_address(text, ", ");
    if (!recipient || (take(text, "orig_to=<") && !take_address(text, ", ")) ||
        !take(text, "relay=")) {
        return std::nullopt;
    }
    attempt.recipient = *recipient;
    const auto relay = take_until(text, ", ", 1024);
    if (!relay || (take(text, "conn_use=") && !take_until(text, ", ", 20))) {
        return std::nullopt;
    }
    attempt.relay = *relay;
    if (!take(text, "delay=") || !take_until(text, ", ", 30)) {
        return std::nullopt;
    }
    if (take(text, "delays=")) {
        attempt.delays_ms = take_delays(text);
        if (!attempt.delays_ms) {
            return std::nullopt;
        }
    }
    if ((take(text, "tls=") && !take_until(text, ", ", 200)) || !take(text, "dsn=")) {
        return std::nullopt;
    }
    const auto dsn = take_until(text, ", status=", 20);
    const auto status = dsn ? take_until(text, " (", 30) : std::nullopt;
    if (!status) {
        return std::nullopt;
    }
    attempt.dsn_status = *dsn;
    attempt.status = *status;
    attempt.reason = inside(text);
    return attempt;
}

RelayName relay_name(std::string_view relay) {
    const std::size_t open = relay.find('[');
    const std::size_t close = relay.rfind(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return {relay, ""};
    }
    const std::string_view host = relay.substr(0, open == 0 ? close + 1 : open);
    return {host, relay.substr(close + 1)};
}

bool is_at_loopback(std::string_view relay) {
    const std::size_t open = relay.find('[');
    if (open == std::string_view::npos) {
        return true;
    }
    const std::string_view address = relay.substr(open + 1);
    return address.starts_with("127.") || address.starts_with("::1]");
}

}  // namespace mail_relay
