#pragma once

#include <string>
#include <vector>

namespace mail_relay {

/// A fact that is unknown, and why. Travels in the section of the fact.
struct Problem {
    std::string what;   ///< the fact: "queues.deferred", "running"
    std::string error;  ///< what was attempted, on what, and why it failed
};

using Problems = std::vector<Problem>;

}  // namespace mail_relay
