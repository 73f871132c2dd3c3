#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/delivery_record.h"
#include "agent_plugin/log_source.h"
#include "common/problem.h"

namespace mail_relay {

/// What the log of one instance says about its deliveries, now and since it is read.
struct DeliveryFacts {
    LogSource source;
    std::string found_by;  ///< how the source was found: "configuration", "maillog_file", "search"
    std::vector<std::string> syslog_names;
    bool complete = true;             ///< the log was read to its end
    std::uint64_t behind_bytes = 0;   ///< still to be read
    std::uint64_t skipped_bytes = 0;  ///< before the place where the first run began
    std::uint64_t lines = 0;          ///< read in this run
    DeliveryRecord record;
    Problems problems;
};

}  // namespace mail_relay
