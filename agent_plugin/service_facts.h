#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/distribution.h"
#include "agent_plugin/file_permissions.h"
#include "agent_plugin/log_source.h"
#include "agent_plugin/master_state.h"
#include "agent_plugin/role.h"
#include "common/problem.h"

namespace mail_relay {

/// The file system of the queue, and what Postfix wants to be free there.
struct SpoolSpace {
    std::int64_t total_bytes = 0;
    std::int64_t free_bytes = 0;    ///< for others than root, as Postfix counts
    std::int64_t total_inodes = 0;  ///< 0 where the file system makes them as needed
    std::int64_t free_inodes = 0;
    std::optional<std::int64_t> queue_minfree;
    std::optional<std::int64_t> message_size_limit;  ///< 0: no limit
};

/// Whether one instance works, and where it lives.
struct ServiceFacts {
    MasterState master;
    std::optional<SpoolSpace> spool;
    LogSource log;
    Distribution distribution;
    std::optional<Role> role;
    std::vector<PermissionFault> permissions;
    Problems problems;  ///< all but master's own
};

}  // namespace mail_relay
