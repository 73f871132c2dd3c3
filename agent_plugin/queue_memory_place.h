#pragma once

#include <string>

namespace mail_relay {

/// Where a queue's memory is kept.
struct QueueMemoryPlace {
    std::string directory;  ///< "" for nowhere
    std::string instance_name;

    std::string path() const;
};

}  // namespace mail_relay
