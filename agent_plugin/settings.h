#pragma once

#include <chrono>
#include <string_view>

#include "common/problem.h"

namespace mail_relay {

/// What an administrator can set in mail_relay.cfg.
struct Settings {
    std::chrono::milliseconds deadline{10'000};
    std::chrono::milliseconds queue_details{2'000};
    unsigned queue_threads = 2;
};

/// Reads "name = value" lines. A line that cannot be used is a problem ("mail_relay.cfg line 3:
/// ...") and leaves the default in force.
Settings parse_settings(std::string_view content, Problems &problems);

}  // namespace mail_relay
