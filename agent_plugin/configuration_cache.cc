#include "agent_plugin/configuration_cache.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <utility>

#include "agent_plugin/table_name.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr int kFormat = 1;
constexpr std::string_view kPasswordMaps = "smtp_sasl_password_maps";

using Parameters = std::map<std::string, std::string, std::less<>>;

std::vector<std::string> parse_strings(const json::value &value) {
    return json::value_to<std::vector<std::string>>(value);
}

json::object render_parameters(const Parameters &parameters) {
    json::object rendered;
    for (const auto &[name, value] : parameters) {
        rendered.emplace(name, value);
    }
    return rendered;
}

Parameters parse_parameters(const json::value &value) {
    Parameters parameters;
    for (const auto &[name, text] : value.as_object()) {
        parameters.emplace(name, json::value_to<std::string>(text));
    }
    return parameters;
}

json::array render_service(const MasterService &service) {
    return {service.name, service.type, service.chroot, service.command,
            render_parameters(service.overrides)};
}

MasterService parse_service(const json::value &value) {
    const json::array &fields = value.as_array();
    MasterService service;
    service.name = json::value_to<std::string>(fields.at(0));
    service.type = json::value_to<std::string>(fields.at(1));
    service.chroot = fields.at(2).as_bool();
    service.command = json::value_to<std::string>(fields.at(3));
    service.overrides = parse_parameters(fields.at(4));
    return service;
}

json::array render_file(const WatchedFile &file) {
    if (!file.identity) {
        return {file.path};
    }
    const FileIdentity &identity = *file.identity;
    return {file.path,     identity.device,      identity.inode,
            identity.size, identity.modified_ns, identity.changed_ns};
}

WatchedFile parse_file(const json::value &value) {
    const json::array &fields = value.as_array();
    WatchedFile file;
    file.path = json::value_to<std::string>(fields.at(0));
    if (fields.size() > 1) {
        file.identity = FileIdentity{.device = fields.at(1).to_number<std::uint64_t>(),
                                     .inode = fields.at(2).to_number<std::uint64_t>(),
                                     .size = fields.at(3).to_number<std::int64_t>(),
                                     .modified_ns = fields.at(4).to_number<std::int64_t>(),
                                     .changed_ns = fields.at(5).to_number<std::int64_t>()};
    }
    return file;
}

json::object render_configuration(const Configuration &configuration) {
    json::array services;
    for (const auto &service : configuration.services) {
        services.emplace_back(render_service(service));
    }
    return {{"parameters", render_parameters(configuration.parameters)},
            {"set_in_main_cf", json::value_from(configuration.set_in_main_cf)},
            {"services", std::move(services)},
            {"map_types", json::value_from(configuration.map_types)},
            {"client_sasl_types", json::value_from(configuration.client_sasl_types)},
            {"warnings", json::value_from(configuration.warnings)}};
}

Configuration parse_configuration(const json::object &object) {
    Configuration configuration;
    configuration.parameters = parse_parameters(object.at("parameters"));
    configuration.set_in_main_cf = parse_strings(object.at("set_in_main_cf"));
    for (const auto &service : object.at("services").as_array()) {
        configuration.services.push_back(parse_service(service));
    }
    configuration.map_types = parse_strings(object.at("map_types"));
    configuration.client_sasl_types = parse_strings(object.at("client_sasl_types"));
    configuration.warnings = parse_strings(object.at("warnings"));
    return configuration;
}

/// Throws what Boost.JSON throws when something is missing or of another kind.
std::optional<CachedConfiguration> parse_object(const json::object &object) {
    if (object.at("format").to_number<int>() != kFormat) {
        return std::nullopt;
    }
    CachedConfiguration cached;
    cached.config_directory = json::value_to<std::string>(object.at("config_directory"));
    cached.host_name = json::value_to<std::string>(object.at("host_name"));
    cached.read_at = object.at("read_at").to_number<std::int64_t>();
    for (const auto &file : object.at("files").as_array()) {
        cached.files.push_back(parse_file(file));
    }
    cached.configuration = parse_configuration(object.at("configuration").as_object());
    return cached;
}

bool holds_password(std::string_view value) {
    const auto tables = parse_table_list(value);
    return !tables || std::any_of(tables->begin(), tables->end(), holds_entries);
}

}  // namespace

std::string render_cached_configuration(const CachedConfiguration &cached) {
    json::array files;
    for (const auto &file : cached.files) {
        files.emplace_back(render_file(file));
    }
    return json::serialize(
        json::object{{"format", kFormat},
                     {"config_directory", cached.config_directory},
                     {"host_name", cached.host_name},
                     {"read_at", cached.read_at},
                     {"files", std::move(files)},
                     {"configuration", render_configuration(cached.configuration)}});
}

Result<std::optional<CachedConfiguration>> parse_cached_configuration(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // main.cf may hold any bytes
    try {
        return parse_object(json::parse({text.data(), text.size()}, {}, options).as_object());
    } catch (const std::exception &error) {
        return failed("damaged: {}", error.what());
    }
}

bool may_be_cached(const Configuration &configuration) {
    if (holds_password(configuration.get(kPasswordMaps))) {
        return false;
    }
    return std::none_of(configuration.services.begin(), configuration.services.end(),
                        [](const MasterService &service) {
                            const auto found = service.overrides.find(kPasswordMaps);
                            return found != service.overrides.end() &&
                                   holds_password(found->second);
                        });
}

}  // namespace mail_relay
