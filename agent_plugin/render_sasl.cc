#include "agent_plugin/render_sasl.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

json::value render_words(const std::optional<std::vector<std::string>> &words) {
    return words ? json::value_from(*words) : json::value(nullptr);
}

json::object render_folder(const PluginFolder &folder) {
    json::array unusable;
    for (const auto &plugin : folder.unusable) {
        unusable.emplace_back(json::object{{"file", plugin.file}, {"why", plugin.why}});
    }
    return {{"path", folder.path},
            {"searched", folder.searched},
            {"plugins", render_words(folder.plugins)},
            {"mechanisms", render_words(folder.mechanisms)},
            {"unusable", std::move(unusable)}};
}

json::value render_file(const std::optional<TableFile> &file) {
    if (!file) {
        return nullptr;
    }
    return json::object{{"path", file->path},
                        {"mode", fmt::format("{:04o}", file->mode)},
                        {"owner", file->owner},
                        {"modified", file->modified}};
}

json::object render_entry(const CredentialsEntry &entry) {
    json::object rendered{{"relayhost", entry.relayhost},
                          {"found", render_known(entry.found)},
                          {"key", render_known(entry.key)},
                          {"well_formed", render_known(entry.well_formed)}};
    if (!entry.why.empty()) {
        rendered["why"] = entry.why;
    }
    return rendered;
}

json::object render_map(const CredentialsMap &map) {
    json::array entries;
    for (const auto &entry : map.entries) {
        entries.emplace_back(render_entry(entry));
    }
    const LookupTable &table = map.table;
    return {{"map", printable(table.table)},
            {"type", table.table.type},
            {"supported", render_known(table.supported)},
            {"source", render_file(table.source)},
            {"built", render_file(table.built)},
            {"fresh", render_known(table.fresh)},
            {"entries", std::move(entries)}};
}

}  // namespace

json::object render_sasl(const Instance &instance, const SaslFacts &facts, const Findings &findings,
                         std::int64_t now) {
    json::object section = render_head(instance.name, now);
    section["auth_enabled"] = render_known(facts.auth_enabled);
    section["client_sasl_types"] = render_words(facts.client_sasl_types);
    section["sasl_type"] = facts.sasl_type;
    json::array folders;
    for (const auto &folder : facts.plugins.folders) {
        folders.emplace_back(render_folder(folder));
    }
    section["plugin_folders"] = std::move(folders);
    section["installed_mechanisms"] = render_words(facts.plugins.mechanisms);
    section["mechanism_filter"] = render_words(facts.mechanism_filter);
    section["security_options"] = render_words(facts.security_options);
    section["tls_security_options"] = render_words(facts.tls_security_options);
    section["usable_mechanisms"] = render_words(facts.usable_mechanisms);
    json::array maps;
    for (const auto &map : facts.credentials.maps) {
        maps.emplace_back(render_map(map));
    }
    section["credentials_maps"] = std::move(maps);
    section["findings"] = render_findings(findings);
    section["problems"] = render_problems(facts.problems);
    return section;
}

}  // namespace mail_relay
