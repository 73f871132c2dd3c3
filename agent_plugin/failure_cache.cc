#include "agent_plugin/failure_cache.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr std::size_t kEntries = 4096;
constexpr std::size_t kTextLimit = 4096;  // classify_failure() reads no more
constexpr std::size_t kShortWord = 7;     // codes like TSS04 and S3140 decide classes
constexpr std::size_t kLongestStatus = std::string_view("550-5.7.139").size();

enum CharacterKind : std::uint8_t {
    kOther = 0,
    kEnd = 1,
    kDigit = 2,
    kDot = 4,
    kColon = 8,
    kAt = 16,
    kLetter = 32,
};

constexpr std::array<std::uint8_t, 256> make_kinds() {
    std::array<std::uint8_t, 256> kinds{};
    for (const char c : std::string_view(" \t<>()[]{},;\"'=|?")) {
        kinds.at(static_cast<unsigned char>(c)) = kEnd;
    }
    for (unsigned char c = '0'; c <= '9'; ++c) {
        kinds.at(c) = kDigit;
    }
    for (unsigned char c = 'a'; c <= 'z'; ++c) {
        kinds.at(c) = kLetter;
        kinds.at(c - 'a' + 'A') = kLetter;
    }
    kinds.at('.') = kDot;
    kinds.at(':') = kColon;
    kinds.at('@') = kAt;
    return kinds;
}

constexpr std::array<std::uint8_t, 256> kKinds = make_kinds();

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 32U);
}

std::uint64_t hash_of(std::uint64_t hash, std::string_view text) {
    return mix(hash, std::hash<std::string_view>()(text));
}

enum WordKey : std::uint64_t { kAddress = 1, kIpv6, kIpv4, kHost, kNumber, kId };

/// What of a word decides: itself, or for what differs from line to line only its kind.
std::uint64_t word_key(std::string_view word, std::uint8_t kinds) {
    if ((kinds & kAt) != 0) {
        return kAddress;
    }
    if ((kinds & kDigit) == 0) {
        return hash_of(0, word);
    }
    if (std::count(word.begin(), word.end(), ':') >= 2) {
        return kIpv6;
    }
    if ((kinds & kLetter) != 0) {
        return word.size() <= kShortWord ? hash_of(0, word) : (kinds & kDot) != 0 ? kHost : kId;
    }
    if ((kinds & kDot) != 0) {
        const bool is_address = std::count(word.begin(), word.end(), '.') == 3;
        return is_address || word.size() > kLongestStatus ? kIpv4 : hash_of(0, word);
    }
    return word.size() > 5 ? kNumber : hash_of(0, word);
}

}  // namespace

std::uint64_t failure_text_key(std::string_view text, std::string_view dsn_status) {
    text = text.substr(0, kTextLimit);
    std::uint64_t key = hash_of(text.size() == kTextLimit ? 1 : 0, dsn_status);
    std::size_t start = 0;
    std::uint8_t kinds = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        std::uint8_t kind = kEnd;
        if (at < text.size()) {
            kind = kKinds[static_cast<unsigned char>(text[at])];
        }
        if (kind != kEnd) {
            kinds = static_cast<std::uint8_t>(kinds | kind);
            continue;
        }
        if (at > start) {
            // "name[address]": the name decides nothing.
            const bool is_host = at + 1 < text.size() && text[at] == '[' && is_digit(text[at + 1]);
            key = mix(key, is_host ? kHost : word_key(text.substr(start, at - start), kinds));
        }
        if (at < text.size() && text[at] != ' ') {
            key = mix(key, static_cast<unsigned char>(text[at]));
        }
        start = at + 1;
        kinds = 0;
    }
    return key | 1U;  // 0 is a free entry
}

FailureCache::FailureCache(Classify classify) : classify_(std::move(classify)) {}

FailureClass FailureCache::classify(std::string_view text, std::string_view dsn_status) {
    entries_.resize(kEntries);
    const std::uint64_t key = failure_text_key(text, dsn_status);
    Entry &entry = entries_[(key >> 1U) % kEntries];
    if (entry.key != key) {
        entry = {key, classify_(text, dsn_status)};
        ++misses_;
    }
    return entry.failure;
}

}  // namespace mail_relay
