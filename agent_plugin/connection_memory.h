#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/connection_facts.h"
#include "agent_plugin/instance.h"
#include "common/result.h"

namespace mail_relay {

/// The last look of an instance, kept between runs.
struct KeptLook {
    std::string identity;  ///< of the plan it was made by
    std::int64_t looked_at = 0;
    double took_s = 0;
    std::vector<RelayLook> relays;
};

/// The file of an instance; "" without a state directory.
std::string kept_look_path(const std::string &state_directory, const Instance &instance);

/// A missing file and one of another version are no look and no Error; a damaged one is an Error.
Result<std::optional<KeptLook>> read_kept_look(const std::string &path);

Result<void> keep_look(const std::string &path, const KeptLook &kept);

}  // namespace mail_relay
