#pragma once

#include <cstdint>
#include <string_view>

namespace mail_relay {

/// A fast 64-bit hash whose results nobody can steer who does not know the seed: queue IDs, senders
/// and domains come from strangers. Not cryptographic; not the same on machines of other byte
/// order.
class QueueHash {
  public:
    explicit QueueHash(std::uint64_t seed) : seed_(seed) {}

    std::uint64_t seed() const { return seed_; }
    std::uint64_t operator()(std::string_view bytes) const;

    /// A shorter one for senders, domains and reasons; never 0, which stands for "none".
    std::uint32_t tag(std::string_view text) const {
        const auto hash = (*this)(text);
        const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32U));
        return folded == 0 ? 1 : folded;
    }

  private:
    std::uint64_t seed_;
};

/// A seed from the kernel.
std::uint64_t random_seed();

}  // namespace mail_relay
