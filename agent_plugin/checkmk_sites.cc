#include "agent_plugin/checkmk_sites.h"

#include "agent_plugin/file_owner.h"

namespace mail_relay {

std::vector<SiteUser> gather_checkmk_sites(const FileTree &files) {
    constexpr std::size_t kMostSites = 100;
    constexpr std::size_t kLargestPasswd = 4U << 20U;
    std::vector<SiteUser> sites;
    const auto names = files.list("/omd/sites");
    if (!names) {
        return sites;
    }
    const auto passwd = files.read("/etc/passwd", kLargestPasswd);
    for (const std::string &name : *names) {
        const auto uid = passwd ? find_user_id(*passwd, name) : std::nullopt;
        if (uid && sites.size() < kMostSites) {
            sites.push_back({name, *uid});
        }
    }
    return sites;
}

}  // namespace mail_relay
