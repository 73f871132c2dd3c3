#include "special_agent/probe_ledger.h"

#include <algorithm>

namespace mail_relay::roundtrip {

namespace {

constexpr std::int64_t kMostSlackMs = 10'000;

/// Takes the probe of this sequence number out of the list; whether it was there.
bool take(std::vector<Probe> &probes, std::uint64_t sequence) {
    const auto found = std::find_if(probes.begin(), probes.end(),
                                    [&](const Probe &probe) { return probe.sequence == sequence; });
    if (found == probes.end()) {
        return false;
    }
    probes.erase(found);
    return true;
}

template <class Entry>
void drop_oldest(std::vector<Entry> &entries, std::size_t most) {
    if (entries.size() > most) {
        entries.erase(entries.begin(),
                      entries.begin() + static_cast<std::ptrdiff_t>(entries.size() - most));
    }
}

/// Whether the mail was delivered twice. The same one can be found once more: moved to another
/// folder (it keeps its internal date), or renumbered together with its folder.
bool is_another_copy(const Arrival &known, const Arrival &now) {
    if (known.folder != now.folder) {
        return known.internal_date != now.internal_date;
    }
    return known.uid_validity == now.uid_validity && known.uid != now.uid;
}

}  // namespace

double Completion::latency_s() const {
    const auto span = arrival.arrived_ms - arrival.probe.sent_ms;
    return static_cast<double>(std::max<std::int64_t>(span, 0)) / 1000.0;
}

Probe ProbeLedger::record_sent(std::int64_t now_ms) {
    if (sent == 0) {
        since = now_ms / 1000;
    }
    const Probe probe{++last_sequence, now_ms};
    ++sent;
    last_sent_ms = now_ms;
    outstanding.push_back(probe);
    if (outstanding.size() > kMostOutstanding) {
        missing.push_back(outstanding.front());
        outstanding.erase(outstanding.begin());
        ++lost;
        drop_oldest(missing, kMostMissing);
    }
    return probe;
}

void ProbeLedger::record_not_sent(const Probe &probe) {
    if (take(outstanding, probe.sequence)) {
        --sent;
    }
}

ArrivalKind ProbeLedger::record_arrival(const Arrival &arrival) {
    const std::uint64_t sequence = arrival.probe.sequence;
    const bool was_missing = take(missing, sequence);
    if (!was_missing && !take(outstanding, sequence)) {
        const auto known =
            std::find_if(completions.begin(), completions.end(), [&](const Completion &completion) {
                return completion.arrival.probe.sequence == sequence;
            });
        if (known == completions.end()) {
            return ArrivalKind::kForgotten;
        }
        if (!is_another_copy(known->arrival, arrival)) {
            return ArrivalKind::kSeenBefore;
        }
        ++duplicates;
        return ArrivalKind::kDuplicate;
    }
    if (was_missing) {
        --lost;
        ++late;
    }
    ++completed;
    newest_completed = std::max(newest_completed, sequence);
    completions.push_back({++last_completion, arrival, was_missing});
    drop_oldest(completions, kMostCompletions);
    return was_missing ? ArrivalKind::kLate : ArrivalKind::kCompleted;
}

void ProbeLedger::declare_lost(std::int64_t now_ms, std::int64_t lost_after_ms) {
    const auto is_waiting = [&](const Probe &probe) {
        return now_ms - probe.sent_ms <= lost_after_ms;
    };
    const auto first_lost =
        std::stable_partition(outstanding.begin(), outstanding.end(), is_waiting);
    lost += static_cast<std::uint64_t>(outstanding.end() - first_lost);
    missing.insert(missing.end(), first_lost, outstanding.end());
    outstanding.erase(first_lost, outstanding.end());
    drop_oldest(missing, kMostMissing);
}

std::vector<Probe> ProbeLedger::open_losses() const {
    std::vector<Probe> open;
    std::copy_if(missing.begin(), missing.end(), std::back_inserter(open),
                 [&](const Probe &probe) { return probe.sequence > newest_completed; });
    return open;
}

bool ProbeLedger::is_due(std::int64_t now_ms, std::int64_t interval_ms) const {
    // Checks do not start to the second: without slack every other one would just miss the
    // interval.
    const std::int64_t slack_ms = std::min(interval_ms / 20, kMostSlackMs);
    return !last_sent_ms || *last_sent_ms > now_ms ||
           now_ms - *last_sent_ms >= interval_ms - slack_ms;
}

}  // namespace mail_relay::roundtrip
