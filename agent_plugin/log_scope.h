#pragma once

#include <cstdint>
#include <string>
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
    std::vector<std::string> relayhosts;    ///< host names: relays even at a loopback address
    std::vector<SiteUser> sites;
    std::vector<std::string> own_domains;  ///< domains of senders on this host
};

/// The scope of an instance, whose programs log under its syslog_name and those that master.cf
/// gives to single services.
LogScope log_scope(const Configuration &configuration, const Instance &instance,
                   const std::vector<SiteUser> &sites);

}  // namespace mail_relay
