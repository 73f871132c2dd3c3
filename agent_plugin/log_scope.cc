#include "agent_plugin/log_scope.h"

#include <algorithm>

#include "agent_plugin/log_line.h"

namespace mail_relay {

namespace {

/// The names that master.cf gives to single services.
std::vector<std::string> service_names(const Configuration &configuration) {
    std::vector<std::string> names;
    for (const MasterService &service : configuration.services) {
        const auto own = service.overrides.find("syslog_name");
        if (own != service.overrides.end() && !own->second.empty() &&
            std::find(names.begin(), names.end(), own->second) == names.end()) {
            names.push_back(own->second);
        }
    }
    return names;
}

void add_syslog_names(LogScope &scope, const Configuration &configuration,
                      const Instance &instance) {
    const std::string_view set = configuration.get("syslog_name");
    const std::string main(set.empty() ? std::string_view(instance.name) : set);
    scope.syslog_names.push_back(main);
    const bool has_siblings =
        !instance.is_default || !configuration.get("multi_instance_directories").empty();
    for (const std::string &name : service_names(configuration)) {
        const bool is_below = name.starts_with(main + "/");
        if (name != main && !is_below) {
            scope.syslog_names.push_back(name);
        }
        // A copy of master.cf names the same services alike.
        if (has_siblings && name != main && is_below == instance.is_default) {
            scope.shared_names.push_back(name);
        }
    }
}

}  // namespace

std::optional<ScopedProgram> program_in_scope(const LogScope &scope, std::string_view tag) {
    for (const std::string &name : scope.syslog_names) {
        if (const auto program = program_of_tag(tag, name)) {
            const bool is_shared = std::any_of(scope.shared_names.begin(), scope.shared_names.end(),
                                               [tag](const std::string &shared) {
                                                   return program_of_tag(tag, shared).has_value();
                                               });
            return ScopedProgram{*program, is_shared};
        }
    }
    return std::nullopt;
}

LogScope log_scope(const Configuration &configuration, const Instance &instance,
                   const std::vector<SiteUser> &sites) {
    LogScope scope;
    add_syslog_names(scope, configuration, instance);
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
