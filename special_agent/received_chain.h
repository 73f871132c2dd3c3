#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay::roundtrip {

/// One Received header: a server took the mail from another one.
struct Hop {
    std::string from;                  ///< the name the sender gave; empty when left out
    std::string from_address;          ///< the sender's address as seen; empty when left out
    std::string by;                    ///< the server that took it
    std::string protocol;              ///< "ESMTPS"
    std::optional<std::int64_t> time;  ///< Unix time by the taking server's clock
    std::optional<double> delay_s;     ///< against the hop before; negative if clocks differ
};

inline constexpr std::size_t kMostHops = 30;

/// Source: RFC 5321 section 4.4, and what Postfix, Exim, Gmail and Microsoft make of it.
Hop parse_received(std::string_view value);

/// The way of a mail in the order it went. `headers` are the values of its Received headers,
/// topmost (latest) first; the first delay counts from `sent`.
std::vector<Hop> trace_hops(const std::vector<std::string> &headers, double sent);

/// The address from which the receiving side took the mail over: the sender of the latest hop that
/// led from one organisation to another. Empty if no hop tells an address.
std::string sending_address(const std::vector<Hop> &hops);

/// Whether an address is one of the public Internet (not private, loopback, link-local, ...).
bool is_public_address(std::string_view address);

}  // namespace mail_relay::roundtrip
