#include "agent_plugin/queue_pace.h"

#include <algorithm>

namespace mail_relay {

bool QueuePace::on_schedule(std::uint64_t messages) {
    // The first tenth of the budget is there for everyone: a short queue is not held up by having
    // no progress yet.
    constexpr double kHeadStart = 0.1;
    const auto passed = passed_.fetch_add(messages, std::memory_order_relaxed) + messages;
    const double progress =
        expected_ == 0
            ? 1.0
            : std::min(1.0, static_cast<double>(passed) / static_cast<double>(expected_));
    const double allowed = kHeadStart + (1.0 - kHeadStart) * progress;
    return Clock::now() - start_ < budget_ * allowed;
}

bool EvenShare::take() {
    const auto number = seen_.fetch_add(1, std::memory_order_relaxed);
    // Of every expected_/limit_ candidates the first.
    if (expected_ > limit_ && number * limit_ / expected_ == (number + 1) * limit_ / expected_) {
        return false;
    }
    return taken_.fetch_add(1, std::memory_order_relaxed) < limit_;
}

}  // namespace mail_relay
