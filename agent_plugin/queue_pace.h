#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace mail_relay {

/// Spreads a time budget evenly over an expected number of messages: as long as the look is on
/// schedule messages are examined, behind it they are passed over, so that those examined are a
/// sample of the whole queue and not its beginning. For several threads.
class QueuePace {
  public:
    using Clock = std::chrono::steady_clock;

    QueuePace(std::chrono::nanoseconds budget, std::uint64_t expected)
        : start_(Clock::now()), budget_(budget), expected_(expected) {}

    /// Counts `messages` as passed and tells whether the next ones are to be examined.
    bool on_schedule(std::uint64_t messages);

  private:
    Clock::time_point start_;
    std::chrono::nanoseconds budget_;
    std::uint64_t expected_;
    std::atomic<std::uint64_t> passed_{0};
};

/// Lets about `limit` of `expected` candidates through, evenly spread, and never more than `limit`.
/// For several threads.
class EvenShare {
  public:
    EvenShare(std::uint64_t limit, std::uint64_t expected) : limit_(limit), expected_(expected) {}

    bool take();

  private:
    std::uint64_t limit_;
    std::uint64_t expected_;
    std::atomic<std::uint64_t> seen_{0};
    std::atomic<std::uint64_t> taken_{0};
};

}  // namespace mail_relay
