#include "agent_plugin/credentials_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::string_view kWellFormed = "user:password";
constexpr std::string_view kMalformed = "malformed";

std::string describe_form(std::string_view credentials) {
    return std::string(is_well_formed(credentials) ? kWellFormed : kMalformed);
}

class MapReader {
  public:
    MapReader(const CredentialsMap &map, const Configuration &configuration, TableLookup &lookup)
        : map_(map),
          configuration_(configuration),
          lookup_(lookup),
          obstacle_(find_obstacle(map.table)) {}

    /// Sets `problem` when a look-up failed.
    CredentialsEntry read(const Relayhost &relayhost, std::optional<Problem> &problem) {
        CredentialsEntry entry;
        entry.relayhost = relayhost.written;
        entry.tried = credentials_keys(relayhost, configuration_);
        if (!obstacle_.empty()) {
            entry.why = obstacle_;
            return entry;
        }
        for (const auto &key : entry.tried) {
            const auto form = ask(key);
            if (!form) {
                entry.why = form.error().message();
                problem = Problem{"credentials_maps", entry.why};
                return entry;
            }
            if (*form) {
                entry.found = true;
                entry.key = key;
                entry.well_formed = **form == kWellFormed;
                return entry;
            }
        }
        find_similar(relayhost, entry);
        if (host_name_needs_dns(relayhost, configuration_)) {
            entry.why =
                "no entry for the next hop as written; the server's own name, which Postfix "
                "tries first, is known to the DNS alone";
        } else {
            entry.found = false;
        }
        return entry;
    }

  private:
    Result<std::optional<std::string>> ask(const std::string &key) {
        return lookup_.ask(map_.table, key, "credentials", describe_form);
    }

    void find_similar(const Relayhost &relayhost, CredentialsEntry &entry) {
        for (const auto &key : similar_keys(relayhost, configuration_)) {
            const auto form = ask(key);
            if (!form) {
                return;  // a hint less
            }
            if (*form) {
                entry.similar = key;
                return;
            }
        }
    }

    const CredentialsMap &map_;
    const Configuration &configuration_;
    TableLookup &lookup_;
    std::string obstacle_;
};

}  // namespace

bool host_name_needs_dns(const Relayhost &relayhost, const Configuration &configuration) {
    if (relayhost.is_address) {
        return false;
    }
    const std::string_view support = configuration.smtp_client("smtp_dns_support_level");
    const bool dns_is_off =
        support == "disabled" || (support.empty() && configuration.is_yes("disable_dns_lookups"));
    return (relayhost.mx_lookup && !dns_is_off) ||
           configuration.smtp_client_is_yes("smtp_cname_overrides_servername");
}

std::vector<std::string> credentials_keys(const Relayhost &relayhost,
                                          const Configuration &configuration) {
    std::vector<std::string> keys;
    if (!host_name_needs_dns(relayhost, configuration)) {
        keys.push_back(relayhost.host);
    }
    if (relayhost.written != relayhost.host || keys.empty()) {
        keys.push_back(relayhost.written);
    }
    return keys;
}

std::vector<std::string> similar_keys(const Relayhost &relayhost,
                                      const Configuration &configuration) {
    std::vector<std::string> services = {"", relayhost.service};
    if (relayhost.port != 0) {
        services.push_back(std::to_string(relayhost.port));
    }
    services.insert(services.end(), {"587", "465", "25", "submission", "smtps", "smtp"});
    std::vector<std::string> keys;
    for (const auto &service : services) {
        const std::string suffix = service.empty() ? "" : ":" + service;
        keys.push_back(fmt::format("[{}]{}", relayhost.host, suffix));
        keys.push_back(relayhost.host + suffix);
    }
    const auto tried = credentials_keys(relayhost, configuration);
    std::vector<std::string> similar;
    for (auto &key : keys) {
        // The bare name is no mistake where the server may turn out to have it.
        const bool is_tried =
            std::find(tried.begin(), tried.end(), key) != tried.end() || (key == relayhost.host);
        if (!is_tried && std::find(similar.begin(), similar.end(), key) == similar.end()) {
            similar.push_back(std::move(key));
        }
    }
    return similar;
}

bool is_well_formed(std::string_view credentials) {
    const auto colon = credentials.find(':');
    return colon != std::string_view::npos && colon != 0 && colon + 1 < credentials.size();
}

Credentials gather_credentials(const FileTree &files, const Configuration &configuration,
                               TableLookup &lookup, std::int64_t now) {
    Credentials credentials;
    const auto tables = parse_table_list(configuration.smtp_client("smtp_sasl_password_maps"));
    if (!tables) {
        credentials.malformed = true;
        credentials.problems.push_back({"credentials_maps", tables.error().message()});
        return credentials;
    }
    const auto relayhosts = configuration.relayhosts();
    for (const auto &name : *tables) {
        CredentialsMap map;
        map.table = examine_table(files, name, configuration, now);
        for (const auto *part : flatten(map.table)) {
            credentials.problems.insert(credentials.problems.end(), part->problems.begin(),
                                        part->problems.end());
        }
        std::optional<Problem> problem;
        MapReader reader(map, configuration, lookup);
        std::vector<CredentialsEntry> entries;
        entries.reserve(relayhosts.size());
        for (const auto &relayhost : relayhosts) {
            entries.push_back(reader.read(relayhost, problem));
        }
        map.entries = std::move(entries);
        if (problem) {
            credentials.problems.push_back(*std::move(problem));
        }
        credentials.maps.push_back(std::move(map));
    }
    return credentials;
}

std::optional<bool> has_credentials(const Credentials &credentials, std::string_view relayhost) {
    bool known = !credentials.malformed;
    for (const auto &map : credentials.maps) {
        for (const auto &entry : map.entries) {
            if (entry.relayhost != relayhost) {
                continue;
            }
            if (entry.found == true) {
                return true;
            }
            known &= entry.found.has_value();
        }
    }
    return known ? std::optional(false) : std::nullopt;
}

}  // namespace mail_relay
