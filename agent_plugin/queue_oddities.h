#pragma once

#include <array>
#include <deque>

#include "agent_plugin/queue_examiner.h"
#include "agent_plugin/queue_facts.h"
#include "agent_plugin/queue_walk.h"
#include "common/problem.h"

namespace mail_relay {

/// What a look met that was not as it should be: how often, and one example of each kind.
Problems queue_oddities(const std::array<QueueNames, kQueueCount> &names,
                        const std::deque<QueueExaminer> &examiners);

}  // namespace mail_relay
