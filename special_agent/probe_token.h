#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay::roundtrip {

/// The loop that a probe belongs to, and the key that only this site has.
struct TokenContext {
    std::string_view host;  ///< Checkmk host name
    std::string_view loop;
    std::string_view key;  ///< secret
};

/// One probe mail of a loop.
struct Probe {
    std::uint64_t sequence = 0;
    std::int64_t sent_ms = 0;  ///< Unix time in milliseconds, by our own clock

    bool operator==(const Probe &) const = default;
};

/// The word that proves a mail to be this probe: "mrp1-<sequence>-<sent_ms>-<32 hexadecimal
/// digits>". The digits are HMAC-SHA-256 over host, loop, sequence and time, cut to 128 bits so
/// that the header line stays under 78 characters. Nobody without the key can make one.
std::string make_probe_token(const TokenContext &context, const Probe &probe);

/// The probe whose token stands somewhere in `text` (a header value, a body). Empty if there is
/// none, or only ones made with another key or for another loop. Looks at the first
/// `kMaximumCandidates` look-alikes: a hostile mail may hold any number.
std::optional<Probe> find_probe(const TokenContext &context, std::string_view text);

inline constexpr int kMaximumCandidates = 8;

}  // namespace mail_relay::roundtrip
