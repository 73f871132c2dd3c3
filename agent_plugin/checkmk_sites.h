#pragma once

#include <vector>

#include "agent_plugin/log_scope.h"
#include "common/file_tree.h"

namespace mail_relay {

/// The Checkmk sites of a host: folders of /omd/sites that have a user of the same name. Empty on a
/// host without Checkmk.
std::vector<SiteUser> gather_checkmk_sites(const FileTree &files);

}  // namespace mail_relay
