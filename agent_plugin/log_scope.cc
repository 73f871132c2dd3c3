#include "agent_plugin/log_scope.h"

#include <algorithm>
#include <string_view>

namespace mail_relay {

namespace {

/// Names under which an instance's programs log: syslog_name and master.cf's own ones.
std::vector<std::string> syslog_names(const Configuration &configuration,
                                      const Instance &instance) {
    const std::string_view set = configuration.get("syslog_name");
    std::vector<std::string> names{set.empty() ? instance.name : std::string(set)};
    for (const MasterService &service : configuration.services) {
        const auto own = service.overrides.find("syslog_name");
        if (own == service.overrides.end()) {
            continue;
        }
        const bool is_below = std::any_of(names.begin(), names.end(), [&](const auto &name) {
            return own->second == name || own->second.starts_with(name + "/");
        });
        if (!is_below && !own->second.empty()) {
            names.push_back(own->second);
        }
    }
    return names;
}

}  // namespace

LogScope log_scope(const Configuration &configuration, const Instance &instance,
                   const std::vector<SiteUser> &sites) {
    LogScope scope;
    scope.syslog_names = syslog_names(configuration, instance);
    for (const Relayhost &relayhost : configuration.relayhosts()) {
        scope.relayhosts.push_back(relayhost.host);
    }
    scope.sites = sites;
    for (const char *name : {"myhostname", "mydomain", "myorigin"}) {
        scope.own_domains.emplace_back(configuration.get(name));
    }
    return scope;
}

}  // namespace mail_relay
