#include "special_agent/probe_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace mail_relay::roundtrip {

namespace {

constexpr std::string_view kPrefix = "mrp1-";
constexpr std::size_t kDigestDigits = 32;

std::string digest(const TokenContext &context, const Probe &probe) {
    // Lengths in front of the names keep ("a", "bc") and ("ab", "c") apart.
    const std::string subject =
        fmt::format("mail roundtrip probe 1\n{}:{}\n{}:{}\n{}\n{}", context.host.size(),
                    context.host, context.loop.size(), context.loop, probe.sequence, probe.sent_ms);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int length = 0;
    if (HMAC(EVP_sha256(), context.key.data(), static_cast<int>(context.key.size()),
             reinterpret_cast<const unsigned char *>(subject.data()), subject.size(), hash.data(),
             &length) == nullptr) {
        throw std::runtime_error("HMAC-SHA-256 is not available");
    }
    std::string digits;
    for (std::size_t i = 0; i < kDigestDigits / 2; ++i) {
        digits += fmt::format("{:02x}", hash[i]);
    }
    return digits;
}

/// Reads a decimal number and the '-' behind it off the front of `text`.
template <class Number>
bool take_number(std::string_view &text, Number &number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length == text.size() || *end != '-') {
        return false;
    }
    text.remove_prefix(length + 1);
    return true;
}

std::optional<Probe> verify(const TokenContext &context, std::string_view after_prefix) {
    Probe probe;
    if (!take_number(after_prefix, probe.sequence) || !take_number(after_prefix, probe.sent_ms) ||
        after_prefix.size() < kDigestDigits) {
        return std::nullopt;
    }
    const std::string expected = digest(context, probe);
    if (CRYPTO_memcmp(expected.data(), after_prefix.data(), kDigestDigits) != 0) {
        return std::nullopt;
    }
    return probe;
}

}  // namespace

std::string make_probe_token(const TokenContext &context, const Probe &probe) {
    return fmt::format("{}{}-{}-{}", kPrefix, probe.sequence, probe.sent_ms,
                       digest(context, probe));
}

std::optional<Probe> find_probe(const TokenContext &context, std::string_view text) {
    std::size_t at = 0;
    for (int candidate = 0; candidate < kMaximumCandidates; ++candidate) {
        at = text.find(kPrefix, at);
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        at += kPrefix.size();
        if (auto probe = verify(context, text.substr(at))) {
            return probe;
        }
    }
    return std::nullopt;
}

}  // namespace mail_relay::roundtrip
