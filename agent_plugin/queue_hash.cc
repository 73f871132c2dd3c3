#include "agent_plugin/queue_hash.h"

#include <sys/random.h>

#include <chrono>
#include <cstring>

namespace mail_relay {

namespace {

// Odd constants with well spread bits (the golden ratio and a prime of similar density).
constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kMultiplier = 0xD6E8FEB86659FD93;

std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 32U)) * kMultiplier;
    return value ^ (value >> 29U);
}

}  // namespace

std::uint64_t QueueHash::operator()(std::string_view bytes) const {
    std::uint64_t hash = seed_ ^ (bytes.size() * kStep);
    std::uint64_t word = 0;
    while (bytes.size() >= sizeof word) {
        std::memcpy(&word, bytes.data(), sizeof word);
        hash = mix(hash ^ word) + kStep;
        bytes.remove_prefix(sizeof word);
    }
    word = 0;
    if (!bytes.empty()) {
        std::memcpy(&word, bytes.data(), bytes.size());
    }
    return mix(mix(hash ^ word) + kStep);
}

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    if (::getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) {
        // Only in the first seconds after boot: guessable, but not the same as elsewhere.
        seed =
            static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    }
    return seed;
}

}  // namespace mail_relay
