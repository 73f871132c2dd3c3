#include "agent_plugin/render_service.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "agent_plugin/render_common.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

json::value render_parameter(const Configuration &configuration, std::string_view name) {
    const auto found = configuration.parameters.find(name);
    return found == configuration.parameters.end() ? json::value(nullptr)
                                                   : json::value(found->second);
}

json::object render_multi_instance(const Configuration &configuration) {
    json::array directories;
    for (const auto &directory : split_list(configuration.get("multi_instance_directories"))) {
        directories.emplace_back(directory);
    }
    return {{"name", configuration.get("multi_instance_name")},
            {"group", configuration.get("multi_instance_group")},
            {"directories", std::move(directories)}};
}

json::value render_spool(const std::optional<SpoolSpace> &spool) {
    if (!spool) {
        return nullptr;
    }
    return json::object{{"total_bytes", spool->total_bytes},
                        {"free_bytes", spool->free_bytes},
                        {"total_inodes", spool->total_inodes},
                        {"free_inodes", spool->free_inodes},
                        {"queue_minfree", render_known(spool->queue_minfree)},
                        {"message_size_limit", render_known(spool->message_size_limit)}};
}

json::object render_log(const LogSource &log) {
    return {{"source", log_source_name(log.kind)},
            {"path", log.path.empty() ? json::value(nullptr) : json::value(log.path)}};
}

Problems all_problems(const InstanceReading &reading, const ServiceFacts &facts) {
    Problems problems = told_elsewhere(reading.settings);
    problems.insert(problems.end(), reading.problems.begin(), reading.problems.end());
    problems.insert(problems.end(), facts.master.problems.begin(), facts.master.problems.end());
    problems.insert(problems.end(), facts.problems.begin(), facts.problems.end());
    return problems;
}

}  // namespace

json::object render_service(const InstanceReading &reading, const ServiceFacts &facts,
                            const Findings &findings, std::int64_t now) {
    const Configuration &configuration = reading.settings.configuration;
    json::object service = render_head(reading.instance.name, now);
    service["agent_version"] = MAIL_RELAY_VERSION;
    service["default_instance"] = reading.instance.is_default;
    service["enabled"] = reading.instance.enabled;
    service["config_directory"] = reading.instance.config_directory;
    for (const auto *name :
         {"queue_directory", "data_directory", "command_directory", "daemon_directory"}) {
        service[name] = render_parameter(configuration, name);
    }
    service["version"] = render_parameter(configuration, "mail_version");
    service["compatibility_level"] = render_parameter(configuration, "compatibility_level");
    service["running"] = render_known(facts.master.running);
    service["pid"] = render_known(facts.master.pid);
    service["started"] = render_known(facts.master.started);
    service["multi_instance"] = render_multi_instance(configuration);
    service["spool"] = render_spool(facts.spool);
    service["log"] = render_log(facts.log);
    service["os"] = json::object{{"id", facts.distribution.id},
                                 {"version_id", facts.distribution.version_id},
                                 {"pretty_name", facts.distribution.pretty_name}};
    service["role"] = facts.role ? json::value(role_name(*facts.role)) : json::value(nullptr);
    service["findings"] = render_findings(findings);
    service["problems"] = render_problems(all_problems(reading, facts));
    return service;
}

}  // namespace mail_relay
