#include "agent_plugin/queue_seen.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::uint64_t kFewestBits = 4096;
constexpr std::uint64_t kMostBits = 1U << 24U;  // 2 MB
constexpr std::uint64_t kBitsForEach = 16;
constexpr std::size_t kFirstSlots = 64;

std::size_t slot_of(const std::vector<std::uint64_t> &slots, std::uint64_t key) {
    const std::size_t mask = slots.size() - 1;
    std::size_t slot = key & mask;
    while (slots[slot] != 0 && slots[slot] != key) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

}  // namespace

SeenMessages::SeenMessages(std::uint64_t expected)
    : bit_mask_(std::bit_ceil(std::clamp(std::min(expected, kMostBits) * kBitsForEach, kFewestBits,
                                         kMostBits)) -
                1),
      words_((bit_mask_ + 1) / 64) {}

void SeenMessages::add_exactly(std::uint64_t key) {
    if (exact_count_ >= kMostExact) {
        return;
    }
    if (exact_count_ * 2 >= exact_.size()) {
        const auto old = std::exchange(
            exact_, std::vector<std::uint64_t>(std::max(kFirstSlots, exact_.size() * 2)));
        for (const std::uint64_t old_key : old) {
            if (old_key != 0) {
                exact_[slot_of(exact_, old_key)] = old_key;
            }
        }
    }
    auto &slot = exact_[slot_of(exact_, key | 1U)];
    exact_count_ += slot == 0 ? 1 : 0;
    slot = key | 1U;  // never 0
}

bool SeenMessages::has_exactly(std::uint64_t key) const {
    return !exact_.empty() && exact_[slot_of(exact_, key | 1U)] != 0;
}

std::array<std::uint64_t, 2> SeenMessages::bits_of(std::uint64_t key) const {
    return {key & bit_mask_, (key >> 32U) & bit_mask_};
}

void SeenMessages::add(std::uint64_t key) {
    for (const std::uint64_t bit : bits_of(key)) {
        words_[bit / 64].fetch_or(std::uint64_t{1} << (bit % 64), std::memory_order_relaxed);
    }
}

bool SeenMessages::may_have(std::uint64_t key) const {
    const auto bits = bits_of(key);
    return std::all_of(bits.begin(), bits.end(), [this](std::uint64_t bit) {
        return (words_[bit / 64].load(std::memory_order_relaxed) >> (bit % 64) & 1U) != 0;
    });
}

}  // namespace mail_relay
