#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/connection_facts.h"
#include "agent_plugin/connection_plan.h"
#include "agent_plugin/instance.h"
#include "common/deadline.h"
#include "common/file_tree.h"

namespace mail_relay {

/// When and where to look.
struct ConnectionWish {
    std::chrono::seconds interval{300};  ///< 0: never
    std::string direct_mx;               ///< see plan_connection()
    std::string kept_file;               ///< where the last look is kept; "" for nowhere
};

/// Looks at all relays of the instance at once, no longer than five seconds and never past the
/// deadline; or takes the last look if it is younger than the interval, was made by the same
/// settings, and, where a relay failed, is not older than a minute. Logs in nowhere, sends nothing.
ConnectionFacts gather_connection(const FileTree &files, const Configuration &configuration,
                                  const TlsPolicies &policies, const ConnectionWish &wish,
                                  Deadline deadline, std::int64_t now);

}  // namespace mail_relay
