#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/queue_facts.h"
#include "common/deadline.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// What of one Checkmk site waits in a queue.
struct SiteQueue {
    std::array<std::uint64_t, kQueueCount> waiting{};  ///< by queue
    std::optional<std::int64_t> oldest_arrival;
    std::vector<DeferralReason> reasons;  ///< most messages first
    std::vector<std::string> senders;     ///< a few envelope senders

    std::uint64_t total() const;
};

struct SiteQueues {
    std::map<std::string, SiteQueue> sites;
    bool complete = true;  ///< every message was looked at
    Problems problems;
};

/// Looks for mail that a site's user submitted, or whose sender is the site at one of
/// `own_domains`. Of a large queue only the first messages are looked at.
SiteQueues gather_site_queues(const FileTree &files, const Configuration &configuration,
                              const std::vector<SiteUser> &sites,
                              const std::vector<std::string> &own_domains, Deadline deadline);

}  // namespace mail_relay
