#include "agent_plugin/queue_memory_place.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail_relay {

std::string QueueMemoryPlace::path() const {
    std::string name = instance_name;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '/' || c == '\0'; }, '_');
    return fmt::format("{}/queue-{}", directory, name);
}

}  // namespace mail_relay
