#include "agent_plugin/render_config.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "agent_plugin/next_hop.h"
#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

// What an administrator wants to see. None of these can hold a secret.
constexpr auto kShownParameters = std::to_array<std::string_view>({
    "compatibility_level",
    "default_transport",
    "inet_interfaces",
    "inet_protocols",
    "maillog_file",
    "maximal_queue_lifetime",
    "message_size_limit",
    "mydestination",
    "mydomain",
    "myhostname",
    "mynetworks",
    "myorigin",
    "queue_minfree",
    "relayhost",
    "smtp_address_preference",
    "smtp_fallback_relay",
    "smtp_helo_name",
    "smtp_host_lookup",
    "smtp_sasl_auth_enable",
    "smtp_sasl_mechanism_filter",
    "smtp_sasl_security_options",
    "smtp_sasl_tls_security_options",
    "smtp_tls_CAfile",
    "smtp_tls_CApath",
    "smtp_tls_security_level",
    "smtp_tls_wrappermode",
});

json::object render_parameters(const Configuration &configuration) {
    json::object shown;
    for (const auto name : kShownParameters) {
        if (configuration.parameters.find(name) != configuration.parameters.end()) {
            shown[name] = configuration.smtp_client(name);
        }
    }
    return shown;
}

json::array render_relayhosts(const Configuration &configuration) {
    json::array rendered;
    for (const auto &relayhost : configuration.relayhosts()) {
        rendered.emplace_back(json::object{
            {"written", relayhost.written},
            {"host", relayhost.host},
            {"service", relayhost.service},
            {"port", relayhost.port == 0 ? json::value(nullptr) : json::value(relayhost.port)},
            {"mx_lookup", relayhost.mx_lookup},
            {"address_literal", relayhost.is_address}});
    }
    return rendered;
}

json::value render_delivery_service(const Configuration &configuration) {
    const MasterService *service = configuration.delivery_service();
    if (service == nullptr) {
        return nullptr;
    }
    json::object overrides;
    for (const auto name : kShownParameters) {
        const auto found = service->overrides.find(name);
        if (found != service->overrides.end()) {
            overrides[name] = found->second;
        }
    }
    return json::object{{"name", service->name},
                        {"type", service->type},
                        {"chroot", service->chroot},
                        {"command", service->command},
                        {"overrides", std::move(overrides)}};
}

void render_resolved(const ConfigurationReading &settings, json::object &section) {
    const Configuration &configuration = settings.configuration;
    section["myhostname"] = configuration.get("myhostname");
    section["mydomain"] = configuration.get("mydomain");
    section["relayhost"] = next_hop_of(configuration);
    section["relayhosts"] = render_relayhosts(configuration);
    section["parameters"] = render_parameters(configuration);
    section["set_in_main_cf"] = json::value_from(configuration.set_in_main_cf);
    section["delivery_service"] = render_delivery_service(configuration);
    section["map_types"] = json::value_from(configuration.map_types);
    section["warnings"] = json::value_from(configuration.warnings);
    section["read_at"] = settings.read_at;
}

}  // namespace

json::object render_config(const InstanceReading &reading, const ConfigFacts &facts,
                           const Findings &findings, std::int64_t now) {
    json::object section = render_head(reading.instance.name, now);
    if (reading.settings.is_resolved) {
        render_resolved(reading.settings, section);
    } else {
        for (const auto *name :
             {"myhostname", "mydomain", "relayhost", "relayhosts", "parameters", "set_in_main_cf",
              "delivery_service", "map_types", "warnings", "read_at"}) {
            section[name] = nullptr;
        }
    }
    section["role"] = facts.role ? json::value(role_name(*facts.role)) : json::value(nullptr);
    section["findings"] = render_findings(findings);
    Problems problems = reading.settings.problems;
    problems.insert(problems.end(), facts.problems.begin(), facts.problems.end());
    section["problems"] = render_problems(problems);
    return section;
}

}  // namespace mail_relay
