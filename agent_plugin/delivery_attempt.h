#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay {

/// What one line with "status=" says of one recipient. Views lead into the line.
struct DeliveryAttempt {
    std::string_view recipient;
    std::string_view relay;  ///< "smtp.example.org[192.0.2.1]:587", "local", "none"
    /// Milliseconds before the queue manager, in it, for the connection, for the transmission;
    /// nullopt where the line does not tell them.
    std::optional<std::array<std::uint64_t, 4>> delays_ms;
    std::string_view dsn_status;  ///< "4.4.1"
    std::string_view status;      ///< "sent", "deferred", "bounced", ...
    std::string_view reason;      ///< the text in parentheses; cut off in a truncated line
};

/// Parses "to=<...>, relay=..., ..., status=... (...)", what follows the queue ID. The fields are
/// taken in Postfix's order and each only where it must stand: addresses may hold anything between
/// quotes, the reason anything at all. nullopt: no such text.
/// Source: Postfix src/global/log_adhoc.c, info_log_addr_form.c.
std::optional<DeliveryAttempt> parse_delivery_attempt(std::string_view text);

/// Takes an address in angle brackets off the front of `text` (which begins after the "<"), up to
/// where `end` follows its ">". A quoted part of the address may hold anything.
std::optional<std::string_view> take_address(std::string_view &text, std::string_view end);

/// A relay without its address. Views lead into the line.
struct RelayName {
    std::string_view host;  ///< "smtp.example.org", "[192.0.2.1]"; "local", "none", ... as they are
    std::string_view port;  ///< ":587"; "" without one

    std::string text() const { return std::string(host).append(port); }
};
RelayName relay_name(std::string_view relay);

/// A relay at a loopback address, or at none.
bool is_at_loopback(std::string_view relay);

}  // namespace mail_relay
