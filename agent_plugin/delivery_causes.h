#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/repair.h"
#include "common/failure_class.h"

namespace mail_relay {

/// A failure class whose appearance is a finding of its own.
struct DeliveryCause {
    FailureClass failure;
    std::string_view id;       ///< of the finding
    std::string_view summary;  ///< one sentence
};

std::span<const DeliveryCause> delivery_causes();

/// What takes the cause away: commands, and as comments what only a person can do.
std::vector<std::string> repair_cause(FailureClass failure, const Configuration &configuration,
                                      const Repair &repair, const Distribution &distribution);

/// The commands after which Postfix uses changed credentials, and tries all mail again.
std::vector<std::string> rebuild_credentials(const Configuration &configuration,
                                             const Repair &repair);

}  // namespace mail_relay
