#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mail_relay {

/// Which messages were counted already. Postfix goes on moving messages while the queue is walked:
/// one that went from active to deferred in between would be seen twice.
class SeenMessages {
  public:
    explicit SeenMessages(std::uint64_t expected);

    /// For the small queues, walked first by one thread: exact, but no more than kMostExact.
    void add_exactly(std::uint64_t key);
    bool has_exactly(std::uint64_t key) const;

    /// For the deferred queue, by several threads: a filter that may say yes to a message that was
    /// not seen (about 1 of 100), never no to one that was. Asked only for newcomers elsewhere.
    void add(std::uint64_t key);
    bool may_have(std::uint64_t key) const;

    static constexpr std::size_t kMostExact = 65536;

  private:
    std::array<std::uint64_t, 2> bits_of(std::uint64_t key) const;

    std::vector<std::uint64_t> exact_;  // open addressing, 0 is free
    std::size_t exact_count_ = 0;
    std::uint64_t bit_mask_;
    std::vector<std::atomic<std::uint64_t>> words_;
};

}  // namespace mail_relay
