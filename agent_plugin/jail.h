#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// A file that name resolution needs and that the smtp client's jail has no current copy of.
struct JailDifference {
    std::string path;          ///< of the host: "/etc/resolv.conf"
    std::string jail_path;     ///< "/var/spool/postfix/etc/resolv.conf"
    bool is_missing = false;   ///< in the jail; otherwise it says something else
    bool is_harmless = false;  ///< some of what it says still holds: a name server in common
};

/// Compares what the delivering smtp client resolves names with: resolv.conf; with
/// smtp_host_lookup = native hosts and nsswitch.conf; services for a port given by name. Empty
/// without a jail. Comments and blanks do not count, nor what this host lacks itself.
std::vector<JailDifference> find_jail_differences(const FileTree &files,
                                                  const Configuration &configuration,
                                                  Problems &problems);

/// Addresses of the "nameserver" lines. Source: resolv.conf(5).
std::vector<std::string> parse_name_servers(std::string_view resolv_conf);

/// The lines without comments, blank lines and superfluous blanks.
std::vector<std::string> parse_meaningful_lines(std::string_view content);

}  // namespace mail_relay
