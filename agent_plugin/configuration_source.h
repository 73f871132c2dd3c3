#pragma once

#include <string>

#include "agent_plugin/configuration.h"
#include "common/deadline.h"
#include "common/problem.h"

namespace mail_relay {

/// What postconf answered about one instance.
struct PostconfAnswer {
    Configuration configuration;
    /// postconf resolved the parameters; otherwise `configuration` is worth nothing.
    bool is_resolved = false;
    std::string rejection;  ///< why Postfix does not accept main.cf or master.cf; "" if it does
    Problems problems;      ///< what could not be learned
};

/// Runs `postconf -c directory` once for each kind of fact (-x -n -M -P -m -A), each with a limit.
/// A kind that fails is a problem; the others still come, unless postconf hangs or is missing.
PostconfAnswer ask_postconf(const std::string &program, const std::string &config_directory,
                            Deadline deadline);

}  // namespace mail_relay
