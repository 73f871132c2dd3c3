#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/showq_parser.h"
#include "common/deadline.h"
#include "common/result.h"

namespace mail_relay {

/// Asks the showq service of a running Postfix (`queue_directory`/public/showq; for root, Postfix
/// and group postdrop) and hands each message to `visit`. An Error if it was late, broke off or
/// said something else; what was visited by then is not the queue.
Result<void> read_showq(const std::string &queue_directory, Deadline deadline,
                        ShowqParser::Visit visit);

/// The facts that showq knows. It tells no next attempt, no DSN status and nothing of the corrupt
/// queue: these are null with a problem.
QueueFacts gather_queue_from_showq(const QueueSettings &settings, Deadline deadline,
                                   std::int64_t now);

}  // namespace mail_relay
