#include "agent_plugin/queue_remember.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "agent_plugin/queue_memory_writer.h"
#include "common/atomic_file.h"

namespace mail_relay {

namespace {

// Two looks closer together tell no growth: monitoring servers may call at the same time.
constexpr std::int64_t kShortestGrowth = 30;

/// From the examined messages to all.
std::uint64_t estimate(std::uint64_t examined, const Coverage &coverage) {
    if (coverage.examined == 0 || coverage.examined >= coverage.total) {
        return examined;
    }
    return static_cast<std::uint64_t>(static_cast<double>(examined) *
                                      static_cast<double>(coverage.total) /
                                      static_cast<double>(coverage.examined));
}

SenderBaseline baseline_of(const QueueFacts &facts, const QueueMemory &before, std::int64_t now) {
    const std::int64_t age_s = now - before.baseline().time;
    if (before.baseline().time != 0 && age_s >= 0 && age_s < kShortestGrowth) {
        return before.baseline();
    }
    SenderBaseline baseline;
    baseline.time = now;
    for (std::size_t i = 0; i < std::min(facts.senders.size(), baseline.parts.size()); ++i) {
        const NamedCount &sender = facts.senders[i];
        baseline.parts.at(i) = {before.hash().tag(sender.name),
                                static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                    estimate(sender.messages, facts.messages),
                                    std::numeric_limits<std::uint32_t>::max()))};
    }
    return baseline;
}

/// Nothing new, and little that is not needed any more.
bool is_up_to_date(const QueueMemory &before, const std::deque<QueueExaminer> &examiners) {
    std::size_t kept = 0;
    for (const QueueExaminer &examiner : examiners) {
        if (!examiner.learned().empty()) {
            return false;
        }
        kept += examiner.order().size();
    }
    return kept >= before.size() - before.size() / 4;
}

Result<void> write_records(const QueueMemory &before, const std::deque<QueueExaminer> &examiners,
                           QueueMemoryWriter &writer) {
    QueueMemory::Reader reader(before);
    std::size_t written = 0;
    for (const QueueExaminer &examiner : examiners) {
        for (const std::uint32_t entry : examiner.order()) {
            const MessageRecord *record =
                (entry & QueueExaminer::kLearned) != 0
                    ? &examiner.learned()[entry & ~QueueExaminer::kLearned]
                    : reader.at(entry);
            if (record == nullptr || written++ >= QueueMemory::kMostRecords) {
                break;
            }
            if (auto added = writer.add(*record); !added) {
                return added;
            }
        }
    }
    return {};
}

}  // namespace

QueueMemory recall_queue(const QueueMemoryPlace &place, std::string_view queue_identity,
                         Problems &problems) {
    if (!place.directory.empty()) {
        auto memory = QueueMemory::load(place.path(), queue_identity);
        if (memory) {
            return std::move(*memory);
        }
        problems.push_back(
            {"queue_memory", fmt::format("{}; it is built anew", memory.error().message())});
    }
    return {};
}

Result<void> remember_queue(const QueueMemoryPlace &place, std::string_view queue_identity,
                            const QueueMemory &before, const std::deque<QueueExaminer> &examiners,
                            const QueueTally &tally, const QueueFacts &facts, std::int64_t now) {
    if (is_up_to_date(before, examiners)) {
        return {};
    }
    if (auto made = make_private_directory(place.directory); !made) {
        return made;
    }
    QueueMemoryWriter writer(place.path(), queue_identity, before.hash());
    const auto begun = writer.begin();
    if (!begun) {
        return begun.error();
    }
    if (!*begun) {
        return {};
    }
    if (auto written = write_records(before, examiners, writer); !written) {
        return written;
    }
    return writer.commit(tally.senders(), tally.domains(), tally.reasons(),
                         baseline_of(facts, before, now));
}

std::optional<SenderGrowth> sender_growth(const QueueFacts &facts, const QueueMemory &before,
                                          std::int64_t now) {
    const SenderBaseline &baseline = before.baseline();
    if (baseline.time == 0 || now - baseline.time < kShortestGrowth || facts.senders.empty()) {
        return std::nullopt;
    }
    const NamedCount &top = facts.senders.front();
    SenderGrowth growth{top.name, estimate(top.messages, facts.messages), 0, now - baseline.time};
    const std::uint32_t tag = before.hash().tag(top.name);
    const auto part = std::find_if(baseline.parts.begin(), baseline.parts.end(),
                                   [tag](const auto &other) { return other.sender == tag; });
    // A sender that was not among the busiest had at most what the last of these had.
    growth.messages_before =
        part != baseline.parts.end() ? part->messages : baseline.parts.back().messages;
    return growth;
}

}  // namespace mail_relay
