#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "agent_plugin/queue_examiner.h"
#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_memory_place.h"
#include "agent_plugin/queue_tally.h"
#include "common/problem.h"
#include "common/result.h"

namespace mail_relay {

/// What earlier looks at this queue remembered; empty, with a problem, if it cannot be used.
QueueMemory recall_queue(const QueueMemoryPlace &place, std::string_view queue_identity,
                         Problems &problems);

/// Keeps what a look learned for the next one. Writes nothing if it learned nothing.
Result<void> remember_queue(const QueueMemoryPlace &place, std::string_view queue_identity,
                            const QueueMemory &before, const std::deque<QueueExaminer> &examiners,
                            const QueueTally &tally, const QueueFacts &facts, std::int64_t now);

/// How the top sender's part of the queue changed since the memory's baseline; nullopt without one.
std::optional<SenderGrowth> sender_growth(const QueueFacts &facts, const QueueMemory &before,
                                          std::int64_t now);

}  // namespace mail_relay
