#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"

namespace mail_relay {

/// The parameters that say what the queue's numbers mean. What main.cf's value does not tell, or
/// tells malformed, is Postfix's default.
struct QueueSettings {
    std::string queue_directory = "/var/spool/postfix";  ///< "" when main.cf cannot be read
    int defer_hash_depth = 1;  ///< levels of folders below defer/: hash_queue_names, _depth
    std::uint64_t active_limit = 20000;                          ///< qmgr_message_active_limit
    std::chrono::seconds lifetime = std::chrono::hours(5 * 24);  ///< maximal_queue_lifetime
    std::chrono::seconds bounce_lifetime = std::chrono::hours(5 * 24);  ///< bounce_queue_lifetime
    std::chrono::seconds run_delay{300};                                ///< queue_run_delay
    std::string relayhost;     ///< as written; "" for direct delivery
    bool ipv6_enabled = true;  ///< inet_protocols
    bool ipv4_enabled = true;
};

QueueSettings queue_settings(const Configuration &configuration);

}  // namespace mail_relay
