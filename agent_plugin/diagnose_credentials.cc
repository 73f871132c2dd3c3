#include "agent_plugin/diagnose_credentials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "agent_plugin/credentials_advice.h"
#include "agent_plugin/diagnose_table.h"
#include "agent_plugin/repair.h"
#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::string_view kMaps = "smtp_sasl_password_maps";
constexpr std::uint32_t kGroupAndOthers = 077;
constexpr std::uint32_t kOthers = 07;

/// Entries of all tables for one relayhost, in the order of the tables.
std::vector<const CredentialsEntry *> entries_for(const Credentials &credentials,
                                                  std::string_view relayhost) {
    std::vector<const CredentialsEntry *> entries;
    for (const auto &map : credentials.maps) {
        for (const auto &entry : map.entries) {
            if (entry.relayhost == relayhost) {
                entries.push_back(&entry);
            }
        }
    }
    return entries;
}

class CredentialsDiagnosis {
  public:
    CredentialsDiagnosis(const SaslFacts &facts, const Configuration &configuration,
                         const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          distribution_(distribution),
          repair_(facts.instance, configuration),
          advice_(facts, configuration, distribution) {}

    Findings diagnose() {
        check_exposure();
        if (facts_.auth_enabled == false) {
            check_auth_disabled();
        }
        if (facts_.auth_enabled == true) {
            check_maps();
            for (const auto &relayhost : configuration_.relayhosts()) {
                check_relayhost(relayhost);
            }
        }
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, Severity severity) {
        return add_finding(findings_, id, Area::kSasl, severity);
    }

    /// A password that more than its owner can read.
    void check_exposure() {
        for (const auto &map : facts_.credentials.maps) {
            std::vector<std::string> exposed;
            std::vector<std::string> evidence;
            for (const auto *part : flatten(map.table)) {
                if (holds_entries(part->table) && part->parts.empty()) {
                    entries_in_main_cf(*part);
                }
                // The other files of a client say how to reach a server that has the passwords;
                // they may have to be readable for proxymap(8), which runs as postfix.
                const bool is_client = !part->indexed && part->table.type != "texthash" &&
                                       part->table.type != "regexp" && part->table.type != "pcre";
                for (const auto &file : {part->source, part->built}) {
                    if (file && (file->mode & (is_client ? kOthers : kGroupAndOthers)) != 0) {
                        exposed.push_back(file->path);
                        evidence.push_back(fmt::format("{} has mode {:04o}, owner {}", file->path,
                                                       file->mode, file->owner));
                    }
                }
            }
            if (!exposed.empty()) {
                auto &finding = add("secret_readable", Severity::kWarn);
                finding.summary =
                    fmt::format("Others can read {}, which holds the relay's password",
                                fmt::join(exposed, ", "));
                finding.evidence = fmt::format("{}", fmt::join(evidence, "; "));
                std::string command = "chmod 600";
                for (const auto &path : exposed) {
                    command += " " + shell_quote(path);
                }
                finding.fix = {command};
            }
        }
    }

    void entries_in_main_cf(const LookupTable &table) {
        auto &finding = add("secret_readable", Severity::kWarn);
        finding.summary = fmt::format(
            "{} holds a password in the configuration itself, which everybody can read", kMaps);
        finding.evidence = fmt::format("{} contains {}", kMaps, printable(table.table));
        finding.fix = advice_.first_table();
    }

    void check_auth_disabled() {
        if (facts_.auth_enabled_elsewhere) {
            return;  // the tables may be those of that service
        }
        for (const auto &relayhost : configuration_.relayhosts()) {
            for (const auto *entry : entries_for(facts_.credentials, relayhost.written)) {
                if (entry->found != true) {
                    continue;
                }
                auto &finding = add("auth_disabled_with_credentials", Severity::kCrit);
                finding.summary = fmt::format(
                    "There are credentials for {}, but AUTH is off: mail is sent "
                    "without logging on",
                    relayhost.written);
                finding.evidence = fmt::format("smtp_sasl_auth_enable is no; entry under {}",
                                               entry->key.value_or(""));
                finding.fix = {repair_.set("smtp_sasl_auth_enable", "yes"), repair_.reload(),
                               repair_.flush()};
                return;
            }
        }
    }

    /// Tables that cannot be read, and a list of tables that ends the smtp client.
    void check_maps() {
        const auto &credentials = facts_.credentials;
        if (credentials.malformed) {
            auto &finding = add("map_type_unsupported", Severity::kCrit);
            finding.summary = fmt::format("{} is malformed: the smtp client cannot log on", kMaps);
            finding.evidence =
                credentials.problems.empty() ? "" : credentials.problems.front().error;
            return;
        }
        if (credentials.maps.empty()) {
            auto &finding = add("relay_key_mismatch", Severity::kCrit);
            finding.summary = fmt::format(
                "AUTH is on, but {} is empty: each smtp client ends at once and no mail leaves",
                kMaps);
            finding.evidence =
                "Postfix: fatal: specify a password table via the `smtp_sasl_password_maps' "
                "configuration parameter";
            finding.fix = advice_.first_table();
            return;
        }
        const TableUse use{kMaps, Area::kSasl,
                           "the smtp client finds no password and defers the mail"};
        for (const auto &map : credentials.maps) {
            const auto found =
                diagnose_table(map.table, use, facts_.instance, configuration_, distribution_);
            findings_.insert(findings_.end(), found.begin(), found.end());
            check_damage(map);
        }
    }

    /// An index file that postmap cannot open: the smtp client cannot either. It opens tables as
    /// root, though: what this plug-in may not read without being root says nothing.
    void check_damage(const CredentialsMap &map) {
        const auto unopened =
            std::find_if(map.entries.begin(), map.entries.end(), [](const CredentialsEntry &entry) {
                return !entry.found && entry.why.find(": open database ") != std::string::npos &&
                       !entry.why.ends_with(": Permission denied");
            });
        if (!map.table.indexed || unopened == map.entries.end()) {
            return;
        }
        auto &finding = add("map_not_built", Severity::kCrit);
        finding.summary = fmt::format(
            "{} cannot be opened: the smtp client finds no password and "
            "defers the mail",
            printable(map.table.table));
        finding.evidence = unopened->why;
        finding.fix = {repair_.build(map.table.table), repair_.reload(), repair_.flush()};
    }

    void check_relayhost(const Relayhost &relayhost) {
        const auto entries = entries_for(facts_.credentials, relayhost.written);
        for (const auto *entry : entries) {
            if (entry->found == true) {
                if (entry->well_formed == false) {
                    wrong_shape(*entry);
                }
                return;
            }
            if (!entry->found && entry->similar) {
                break;  // judged below: nobody writes such a key for another purpose
            }
            if (!entry->found) {
                return;
            }
        }
        if (!entries.empty()) {
            no_entry(relayhost, entries);
        }
    }

    void wrong_shape(const CredentialsEntry &entry) {
        if (!needs_password()) {
            return;
        }
        auto &finding = add("credentials_wrong_shape", Severity::kCrit);
        finding.summary = fmt::format(
            "The credentials for {} are not of the form user:password: the relay refuses them",
            entry.relayhost);
        finding.evidence = fmt::format("entry under {}", entry.key.value_or(""));
        finding.fix = advice_.entry(entry.key.value_or(entry.relayhost));
    }

    /// False where only mechanisms with tickets are let through.
    bool needs_password() const {
        const auto &usable = facts_.usable_mechanisms;
        return !usable || usable->empty() ||
               std::any_of(usable->begin(), usable->end(),
                           [](const auto &mechanism) { return uses_password(mechanism); });
    }

    /// Whether credentials may be meant for senders or destinations that we do not see.
    bool has_other_destinations() const {
        for (const auto *parameter :
             {"transport_maps", "sender_dependent_relayhost_maps",
              "sender_dependent_default_transport_maps", "smtp_fallback_relay"}) {
            if (!configuration_.smtp_client(parameter).empty()) {
                return true;
            }
        }
        return configuration_.smtp_client_is_yes("smtp_sender_dependent_authentication");
    }

    void no_entry(const Relayhost &relayhost,
                  const std::vector<const CredentialsEntry *> &entries) {
        const auto similar = std::find_if(entries.begin(), entries.end(), [](const auto *entry) {
            return entry->similar.has_value();
        });
        const bool has_similar = similar != entries.end();
        if (!has_similar && has_other_destinations()) {
            return;
        }
        auto &finding = add("relay_key_mismatch", Severity::kCrit);
        finding.summary = fmt::format(
            "{} has no entry for {}: mail is sent without logging on and may be refused for good",
            kMaps, relayhost.written);
        finding.evidence =
            fmt::format("Postfix looks for {}", fmt::join(entries.front()->tried, ", then "));
        if (has_similar) {
            finding.evidence +=
                fmt::format("; there is {}, which is never tried", *(*similar)->similar);
        }
        finding.fix = advice_.entry(relayhost.written);
    }

    const SaslFacts &facts_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
    CredentialsAdvice advice_;
    Findings findings_;
};

}  // namespace

Findings diagnose_credentials(const SaslFacts &facts, const Configuration &configuration,
                              const Distribution &distribution) {
    return CredentialsDiagnosis(facts, configuration, distribution).diagnose();
}

}  // namespace mail_relay
