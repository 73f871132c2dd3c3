#include "agent_plugin/gather_sasl.h"

#include <algorithm>
#include <utility>

#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/tls_policy.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

std::optional<bool> read_switch(const Configuration &configuration, std::string_view name) {
    const std::string_view value = configuration.smtp_client(name);
    return value.empty() ? std::nullopt : std::optional(says_yes(value));
}

bool is_enabled_elsewhere(const Configuration &configuration) {
    const MasterService *const delivering = configuration.delivery_service();
    return std::any_of(configuration.services.begin(), configuration.services.end(),
                       [&](const MasterService &service) {
                           const auto found = service.overrides.find("smtp_sasl_auth_enable");
                           return &service != delivering && found != service.overrides.end() &&
                                  says_yes(found->second);
                       });
}

/// Source: Postfix src/smtp/smtp_sasl_proto.c (smtp_sasl_helo_login).
std::string_view options_parameter(TlsLevel level) {
    if (level == TlsLevel::kNone) {
        return "smtp_sasl_security_options";
    }
    const bool verified =
        needs_ca(level) || level == TlsLevel::kFingerprint || level == TlsLevel::kDaneOnly;
    return verified ? "smtp_sasl_tls_verified_security_options" : "smtp_sasl_tls_security_options";
}

std::vector<std::string> keep_usable(const std::vector<std::string> &installed,
                                     const SaslFacts &facts) {
    std::vector<std::string> usable;
    std::copy_if(installed.begin(), installed.end(), std::back_inserter(usable),
                 [&](const auto &mechanism) {
                     // A filter that only a file or table knows is taken to let pass.
                     return satisfies_options(mechanism, facts.effective_options) &&
                            passes_filter(mechanism, facts.mechanism_filter).value_or(true);
                 });
    return usable;
}

void append(Problems &problems, const Problems &more) {
    problems.insert(problems.end(), more.begin(), more.end());
}

void read_settings(const Configuration &configuration, SaslFacts &facts) {
    facts.auth_enabled = read_switch(configuration, "smtp_sasl_auth_enable");
    if (!facts.auth_enabled) {
        facts.problems.push_back({"auth_enabled", "smtp_sasl_auth_enable is not known"});
    }
    facts.auth_enabled_elsewhere = is_enabled_elsewhere(configuration);
    facts.client_sasl_types = configuration.client_sasl_types;
    facts.sasl_type = configuration.smtp_client("smtp_sasl_type");
    facts.mechanism_filter = split_list(configuration.smtp_client("smtp_sasl_mechanism_filter"));
    facts.security_options = split_list(configuration.smtp_client("smtp_sasl_security_options"));
    facts.tls_security_options =
        split_list(configuration.smtp_client("smtp_sasl_tls_security_options"));
}

}  // namespace

SaslFacts gather_sasl(const FileTree &files, const Instance &instance,
                      const Configuration &configuration, FactCache &cache, TableLookup &lookup,
                      std::int64_t now) {
    SaslFacts facts;
    facts.instance = instance;
    read_settings(configuration, facts);

    facts.credentials = gather_credentials(files, configuration, lookup, now);
    append(facts.problems, facts.credentials.problems);

    // Only AUTH needs to know which options apply; the TLS section reports policies by itself.
    facts.level = configured_tls_level(configuration).effective;
    if (facts.auth_enabled == true) {
        const auto policies = gather_tls_policies(files, configuration, lookup, now);
        if (!policies.levels.empty()) {
            facts.level = policies.levels.front().level;
        }
    }
    facts.effective_options_parameter = options_parameter(facts.level.value_or(TlsLevel::kEncrypt));
    facts.effective_options =
        split_list(configuration.smtp_client(facts.effective_options_parameter));

    facts.plugins = gather_sasl_plugins(files, configuration);
    if (facts.auth_enabled == true) {
        append(facts.problems, facts.plugins.problems);
    }
    if (facts.plugins.mechanisms) {
        facts.usable_mechanisms = keep_usable(*facts.plugins.mechanisms, facts);
    }
    if (!cache.damage().empty()) {
        facts.problems.push_back({"state", cache.damage() + "; it is built anew"});
    }
    if (const auto saved = cache.save(); !saved) {
        facts.problems.push_back({"state", saved.error().message()});
    }
    return facts;
}

}  // namespace mail_relay
