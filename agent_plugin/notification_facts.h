#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/delivery_record.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/site_queue.h"
#include "common/problem.h"

namespace mail_relay {

/// What became of one Checkmk site's mail, in all instances of the host.
struct NotificationFacts {
    SiteUser site;
    std::vector<std::string> instances;  ///< whose queues and logs were looked at
    SiteQueue queue;
    bool complete = true;  ///< every message of the queues was looked at
    SiteMail mail;         ///< from the log
    Problems problems;
};

/// Adds what another instance's queue and log tell.
void add_instance(NotificationFacts &facts, const std::string &instance, const SiteQueues &queues,
                  const DeliveryRecord *record);

}  // namespace mail_relay
