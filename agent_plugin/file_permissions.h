#pragma once

#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "common/file_tree.h"

namespace mail_relay {

/// A place of Postfix whose owner or mode is not what Postfix installs.
struct PermissionFault {
    std::string what;    ///< "/var/spool/postfix/maildrop is not owned by group postdrop"
    std::string repair;  ///< a command, quoted for a shell
};

/// The faults of one instance. Looks at the places themselves, never at what is in them. Nothing is
/// said of a place that is not there or cannot be asked for, nor of users and groups that
/// /etc/passwd and /etc/group do not have (a directory service may). Source: the checks of Postfix
/// conf/postfix-script (check-warn).
std::vector<PermissionFault> find_permission_faults(const FileTree &files,
                                                    const Configuration &configuration);

}  // namespace mail_relay
