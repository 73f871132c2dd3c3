#include "agent_plugin/render_tls.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

json::value render_level(const std::optional<TlsLevel> &level) {
    return level ? json::value(tls_level_name(*level)) : json::value(nullptr);
}

json::value render_store(const std::optional<CaStore> &store, std::string_view jail_key) {
    if (!store) {
        return nullptr;
    }
    return json::object{{"path", store->path},
                        {"present", render_known(store->present)},
                        {"certificates", render_known(store->certificates)},
                        {"expired", render_known(store->expired)},
                        {jail_key, render_known(store->in_jail)}};
}

/// The one that ends first, or that cannot be used.
json::value render_client_certificate(const std::vector<ClientCertificate> &certificates) {
    const auto worst = std::min_element(certificates.begin(), certificates.end(),
                                        [](const auto &a, const auto &b) {
                                            return std::pair(a.fault.empty(), a.not_after) <
                                                   std::pair(b.fault.empty(), b.not_after);
                                        });
    if (worst == certificates.end()) {
        return nullptr;
    }
    return json::object{{"path", worst->path},
                        {"key_path", worst->key_path},
                        {"subject", worst->subject},
                        {"not_after", render_known(worst->not_after)},
                        {"matches_key", render_known(worst->matches_key)}};
}

json::array render_tables(const TlsPolicies &policies) {
    json::array tables;
    for (const auto &table : policies.tables) {
        tables.emplace_back(json::object{{"map", printable(table.table)},
                                         {"type", table.table.type},
                                         {"supported", render_known(table.supported)},
                                         {"fresh", render_known(table.fresh)}});
    }
    return tables;
}

json::array render_levels(const TlsPolicies &policies) {
    json::array levels;
    for (const auto &relayhost : policies.levels) {
        levels.emplace_back(json::object{{"relayhost", relayhost.relayhost},
                                         {"level", render_level(relayhost.level)},
                                         {"policy_key", render_known(relayhost.policy_key)}});
    }
    return levels;
}

}  // namespace

json::object render_tls(const Instance &instance, const TlsFacts &facts, const Findings &findings,
                        std::int64_t now) {
    json::object section = render_head(instance.name, now);
    section["level"] = json::object{{"configured", facts.level.configured},
                                    {"effective", render_level(facts.level.effective)},
                                    {"origin", facts.level.origin}};
    section["wrapper_mode"] = facts.wrapper_mode;
    section["protocols"] = facts.protocols;
    section["mandatory_protocols"] = facts.mandatory_protocols;
    section["ciphers"] = facts.ciphers;
    section["mandatory_ciphers"] = facts.mandatory_ciphers;
    section["ca_file"] = render_store(facts.ca_file, "readable_in_jail");
    section["ca_path"] = render_store(facts.ca_path, "in_jail");
    section["client_certificate"] = render_client_certificate(facts.client_certificates);
    section["policy_maps"] = render_tables(facts.policies);
    section["relayhost_levels"] = render_levels(facts.policies);
    section["findings"] = render_findings(findings);
    section["problems"] = render_problems(facts.problems);
    return section;
}

}  // namespace mail_relay
