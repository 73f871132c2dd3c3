#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// What is wrong with the jail's copy of a file.
enum class JailFault {
    kMissing,
    kUnreadable,  ///< not for mail_owner, as whom the smtp client reads it
    kDiffers,     ///< what it says does not hold any more
    kHarmless,    ///< it differs, but some of it still holds: a name server in common
};

/// A file that name resolution needs and that the smtp client's jail has no usable copy of.
struct JailDifference {
    std::string path;       ///< of the host: "/etc/resolv.conf"
    std::string jail_path;  ///< "/var/spool/postfix/etc/resolv.conf"; unreadable may be its folder
    JailFault fault = JailFault::kMissing;
};

/// Compares what the delivering smtp client resolves names with: resolv.conf; with
/// smtp_host_lookup = native hosts and nsswitch.conf; services for a port given by a name that is
/// not in known_tcp_ports. Empty without a jail. Comments and blanks do not count, nor what this
/// host lacks itself.
std::vector<JailDifference> find_jail_differences(const FileTree &files,
                                                  const Configuration &configuration,
                                                  Problems &problems);

/// Addresses of the "nameserver" lines. Source: resolv.conf(5).
std::vector<std::string> parse_name_servers(std::string_view resolv_conf);

/// The lines without comments, blank lines and superfluous blanks.
std::vector<std::string> parse_meaningful_lines(std::string_view content);

}  // namespace mail_relay
