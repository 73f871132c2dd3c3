#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/log_position.h"
#include "agent_plugin/log_reader.h"

namespace mail_relay {

/// How the journal is asked.
struct JournalAccess {
    std::string program = "/usr/bin/journalctl";
    int facility = 2;                         ///< syslog facility that Postfix logs with: mail
    std::vector<std::uint32_t> trusted_uids;  ///< whose entries count: anybody may write others
};

/// Gives the journal's entries since `progress` as lines and moves it on. Without progress a first
/// run: the newest entries alone.
LogReading read_journal(const JournalAccess &access, LogProgress &progress, const LogLimits &limits,
                        const LineSink &sink);

/// Number of a syslog facility by name ("mail" is 2); nullopt for an unknown one.
std::optional<int> syslog_facility(std::string_view name);

}  // namespace mail_relay
