#pragma once

#include <algorithm>
#include <chrono>

namespace mail_relay {

/// A point in (monotonic) time after which work has to stop.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    static Deadline in(std::chrono::milliseconds span) { return Deadline(Clock::now() + span); }

    bool expired() const { return Clock::now() >= end_; }

    /// Time left, never negative: fit for poll().
    std::chrono::milliseconds left() const {
        const auto span =
            std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
        return std::max(span, std::chrono::milliseconds::zero());
    }

    /// The earlier of this deadline and one `span` from now.
    Deadline within(std::chrono::milliseconds span) const {
        return Deadline(std::min(end_, Clock::now() + span));
    }

  private:
    explicit Deadline(Clock::time_point end) : end_(end) {}
    Clock::time_point end_;
};

/// What has passed since then.
inline double seconds_since(Deadline::Clock::time_point begin) {
    return std::chrono::duration<double>(Deadline::Clock::now() - begin).count();
}

}  // namespace mail_relay
