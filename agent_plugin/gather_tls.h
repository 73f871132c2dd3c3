#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/configuration.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/tls_facts.h"
#include "common/deadline.h"
#include "common/file_tree.h"

namespace mail_relay {

/// Keeps what it learned from files and tables below `state_directory`; "" keeps nothing.
TlsFacts gather_tls(const FileTree &files, const Instance &instance,
                    const Configuration &configuration, const std::string &state_directory,
                    Deadline deadline, std::int64_t now);

}  // namespace mail_relay
