#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/queue_facts.h"
#include "common/file_tree.h"

namespace mail_relay {

/// What one look at a queue may take.
struct QueueLimits {
    /// For examining messages. Names are counted to the end, however many there are.
    std::chrono::milliseconds details{2000};
    /// For counting names and for showq: a queue that is not counted by then is unknown.
    std::chrono::milliseconds names{6000};
    /// A second one helps with many messages; more do not.
    unsigned threads = 2;
};

/// Looks at the queue of one instance: at its files, or, where these are out of reach for want of
/// permission, at what showq says. Starts no program. What files say once is remembered below
/// `state_directory` (one file for each `instance_name`); without it ("") every look starts anew.
/// `now`: unix seconds.
QueueFacts gather_queue(const FileTree &files, const Configuration &configuration,
                        const QueueLimits &limits, const std::string &state_directory,
                        const std::string &instance_name, std::int64_t now);

}  // namespace mail_relay
