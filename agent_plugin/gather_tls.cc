#include "agent_plugin/gather_tls.h"

#include <algorithm>

#include "agent_plugin/certificate_files.h"
#include "agent_plugin/credentials_map.h"

namespace mail_relay {

namespace {

/// Relayhosts that AUTH is set up for; not those that no table surely has credentials for, unless
/// an entry is there under a similar key.
std::vector<std::string> find_password_relayhosts(const Credentials &credentials,
                                                  const Configuration &configuration) {
    std::vector<std::string> relayhosts;
    if (credentials.maps.empty()) {
        return relayhosts;
    }
    for (const auto &relayhost : configuration.relayhosts()) {
        const bool has_similar = std::any_of(
            credentials.maps.begin(), credentials.maps.end(), [&](const CredentialsMap &map) {
                return std::any_of(
                    map.entries.begin(), map.entries.end(), [&](const CredentialsEntry &entry) {
                        return entry.relayhost == relayhost.written && entry.similar.has_value();
                    });
            });
        if (has_credentials(credentials, relayhost.written) != false || has_similar) {
            relayhosts.push_back(relayhost.written);
        }
    }
    return relayhosts;
}

void read_settings(const Configuration &configuration, TlsFacts &facts) {
    facts.level = configured_tls_level(configuration);
    facts.wrapper_mode = configuration.smtp_client_is_yes("smtp_tls_wrappermode");
    const MasterService *const service = configuration.delivery_service();
    facts.chroot = service != nullptr && service->chroot;
    facts.protocols = configuration.smtp_client("smtp_tls_protocols");
    facts.mandatory_protocols = configuration.smtp_client("smtp_tls_mandatory_protocols");
    facts.ciphers = configuration.smtp_client("smtp_tls_ciphers");
    facts.mandatory_ciphers = configuration.smtp_client("smtp_tls_mandatory_ciphers");
    facts.has_trust_anchors = !configuration.smtp_client("smtp_tls_trust_anchor_file").empty();
}

}  // namespace

TlsFacts gather_tls(const FileTree &files, const Instance &instance,
                    const Configuration &configuration, FactCache &cache, TableLookup &lookup,
                    std::int64_t now) {
    TlsFacts facts;
    facts.instance = instance;
    read_settings(configuration, facts);

    facts.policies = gather_tls_policies(files, configuration, lookup, now);
    facts.problems = facts.policies.problems;
    if (configuration.smtp_client_is_yes("smtp_sasl_auth_enable")) {
        // What fails here is a problem of section mail_relay_sasl.
        const auto credentials = gather_credentials(files, configuration, lookup, now);
        facts.password_relayhosts = find_password_relayhosts(credentials, configuration);
    }

    const std::string ca_file(configuration.smtp_client("smtp_tls_CAfile"));
    if (!ca_file.empty()) {
        facts.ca_file = examine_ca_file(files, ca_file, cache, now, facts.problems);
    }
    const std::string ca_path(configuration.smtp_client("smtp_tls_CApath"));
    if (!ca_path.empty()) {
        const std::string jail(facts.chroot ? configuration.get("queue_directory") : "");
        facts.ca_path = examine_ca_path(files, ca_path, jail, cache, now, facts.problems);
    }
    facts.client_certificates =
        examine_client_certificates(files, configuration, cache, now, facts.problems);
    if (const auto saved = cache.save(); !saved) {
        facts.problems.push_back({"state", saved.error().message()});
    }
    return facts;
}

}  // namespace mail_relay
