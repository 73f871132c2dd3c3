#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/problem.h"

namespace mail_relay {

/// What an administrator can set in mail_relay.cfg.
struct Settings {
    std::chrono::milliseconds deadline{10'000};
    std::chrono::milliseconds queue_details{2'000};
    unsigned queue_threads = 2;
    std::string log = "auto";                   ///< "auto", "none", "journal" or a path
    unsigned log_first_megabytes = 64;          ///< how far from its end a log is begun
    std::chrono::milliseconds log_time{2'000};  ///< for reading the logs of one instance
    /// Between live looks at the relays; 0: never.
    std::chrono::milliseconds connection_interval{300'000};
    std::string
        direct_mx;  ///< looked at by hosts without a relayhost; written like one; "" for none
};

/// Reads "name = value" lines. A line that cannot be used is a problem ("mail_relay.cfg line 3:
/// ...") and leaves the default in force.
Settings parse_settings(std::string_view content, Problems &problems);

}  // namespace mail_relay
