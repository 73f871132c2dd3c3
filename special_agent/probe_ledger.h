#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "special_agent/probe_token.h"

namespace mail_relay::roundtrip {

/// How the time of an arrival is known.
enum class Measured {
    kObserved,      ///< seen while waiting: by our own clock
    kInternalDate,  ///< told by the mailbox, corrected by the difference of the clocks
};

/// A probe mail found in the mailbox.
struct Arrival {
    Probe probe;
    std::int64_t arrived_ms = 0;  ///< by our own clock
    Measured measured = Measured::kObserved;
    std::string folder;
    std::int64_t internal_date = 0;  ///< as the mailbox told it; kept when a mail is moved
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;  ///< in this folder under this UIDVALIDITY it means this mail
};

/// A probe whose way is known from end to end.
struct Completion {
    std::uint64_t number = 0;  ///< counts completions: 1, 2, 3, ...
    Arrival arrival;
    bool late = false;  ///< came after it had been declared lost

    double latency_s() const;
};

enum class ArrivalKind {
    kCompleted,
    kLate,
    kDuplicate,
    kSeenBefore,  ///< the same mail once more: moved, or the mailbox was searched anew
    kForgotten,   ///< ours, but too old to be in the books
};

/// What became of the probes of one loop. Everything is bounded.
struct ProbeLedger {
    std::int64_t since = 0;  ///< Unix time of the first entry
    std::uint64_t last_sequence = 0;
    std::uint64_t last_completion = 0;
    std::uint64_t sent = 0;
    std::uint64_t completed = 0;
    std::uint64_t lost = 0;  ///< a probe that comes after all is taken off again
    std::uint64_t late = 0;
    std::uint64_t duplicates = 0;
    std::optional<std::int64_t> last_sent_ms;
    std::vector<Probe> outstanding;       ///< oldest first
    std::vector<Probe> missing;           ///< declared lost, oldest first
    std::vector<Completion> completions;  ///< oldest first
    std::uint64_t newest_completed = 0;   ///< highest sequence that has arrived

    static constexpr std::size_t kMostOutstanding = 200;
    static constexpr std::size_t kMostMissing = 200;
    static constexpr std::size_t kMostCompletions = 50;

    /// The next probe; it is outstanding from now on.
    Probe record_sent(std::int64_t now_ms);

    /// The submission failed for sure: nothing can arrive.
    void record_not_sent(const Probe &probe);

    ArrivalKind record_arrival(const Arrival &arrival);

    /// Declares lost what was sent more than `lost_after_ms` ago. A clock that was set back by more
    /// than that makes nothing lost.
    void declare_lost(std::int64_t now_ms, std::int64_t lost_after_ms);

    /// Lost probes after which no later one has arrived: the reason to be alarmed.
    std::vector<Probe> open_losses() const;

    /// Whether the next probe may be sent. A last one in the future (the clock was set back) does
    /// not keep the loop from sending.
    bool is_due(std::int64_t now_ms, std::int64_t interval_ms) const;
};

}  // namespace mail_relay::roundtrip
