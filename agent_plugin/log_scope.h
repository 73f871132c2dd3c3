#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/instance.h"

namespace mail_relay {

/// A Checkmk site of this host: its user submits notifications.
struct SiteUser {
    std::string name;
    std::uint32_t uid = 0;
};

/// Which lines of a log count, and how.
struct LogScope {
    std::vector<std::string> syslog_names;  ///< of the instance: "postfix"
    /// Those of them that other instances use as well: "postfix/relay" in Debian's master.cf.
    std::vector<std::string> shared_names;
    std::vector<std::string> relayhosts;  ///< host names: relays even at a loopback address
    std::vector<SiteUser> sites;
    std::vector<std::string> own_domains;  ///< domains of senders on this host
};

struct ScopedProgram {
    std::string_view program;
    bool is_shared = false;  ///< it may as well be another instance's
};

/// The program of a line's tag; nullopt for one that is not the instance's.
std::optional<ScopedProgram> program_in_scope(const LogScope &scope, std::string_view tag);

/// The scope of an instance, whose programs log under its syslog_name and those that master.cf
/// gives to single services.
LogScope log_scope(const Configuration &configuration, const Instance &instance,
                   const std::vector<SiteUser> &sites);

}  // namespace mail_relay
