#include "agent_plugin/gather_queue.h"

#include <utility>

#include "agent_plugin/queue_files.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/showq_client.h"

namespace mail_relay {

QueueFacts gather_queue(const FileTree &files, const Configuration &configuration,
                        const QueueLimits &limits, const std::string &state_directory,
                        const std::string &instance_name, std::int64_t now) {
    const QueueSettings settings = queue_settings(configuration);
    QueueFilesLook look =
        gather_queue_files(files, settings, limits, {state_directory, instance_name}, now);
    if (!look.permission_denied || !files.is_this_host()) {
        return std::move(look.facts);
    }
    QueueFacts facts = gather_queue_from_showq(settings, Deadline::in(limits.names), now);
    if (!facts[Queue::kDeferred]) {
        // Both ways are closed. What showq says is the same for each queue: once is enough.
        look.facts.problems.push_back({"showq", facts.problems.front().error});
        look.facts.source = facts.source;
        return std::move(look.facts);
    }
    return facts;
}

}  // namespace mail_relay
