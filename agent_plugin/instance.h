#pragma once

#include <string>
#include <vector>

#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// One Postfix instance of the host. Source: postmulti(1).
struct Instance {
    std::string name;              ///< multi_instance_name; "postfix" for the default instance
    std::string config_directory;  ///< "/etc/postfix"
    bool is_default = true;
    bool enabled = true;  ///< meant to run: multi_instance_enable, or no postmulti manages it
};

}  // namespace mail_relay
