#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/gather_queue.h"
#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_memory_place.h"
#include "agent_plugin/queue_settings.h"
#include "common/file_tree.h"

namespace mail_relay {

struct QueueFilesLook {
    QueueFacts facts;
    bool permission_denied = false;  ///< a queue was out of reach for want of permission
};

/// Looks at the queue's own directories. Only one thread per look writes the memory; a second
/// program that looks at the same time does no harm.
QueueFilesLook gather_queue_files(const FileTree &files, const QueueSettings &settings,
                                  const QueueLimits &limits, const QueueMemoryPlace &place,
                                  std::int64_t now);

}  // namespace mail_relay
