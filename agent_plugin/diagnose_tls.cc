#include "agent_plugin/diagnose_tls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent_plugin/diagnose_certificates.h"
#include "agent_plugin/diagnose_table.h"
#include "agent_plugin/next_hop.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

namespace {

constexpr std::string_view kLevel = "smtp_tls_security_level";
constexpr std::uint16_t kImplicitTlsPort = 465;
constexpr auto kStarttlsPorts = std::to_array<std::uint16_t>({25, 587});

std::string_view level_text(const std::optional<TlsLevel> &level) {
    return level ? tls_level_name(*level) : "unknown";
}

class TlsDiagnosis {
  public:
    TlsDiagnosis(const TlsFacts &facts, const Configuration &configuration,
                 const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          distribution_(distribution),
          repair_(facts.instance, configuration) {}

    Findings diagnose() {
        check_deprecated();
        check_general_level();
        for (const auto &relayhost : facts_.policies.levels) {
            check_policy(relayhost);
            check_wrapper(relayhost);
            check_password(relayhost);
        }
        check_direct_wrapper();
        check_tables();
        const auto certificates = diagnose_certificates(facts_, configuration_, distribution_);
        findings_.insert(findings_.end(), certificates.begin(), certificates.end());
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, Severity severity) {
        return add_finding(findings_, id, Area::kTls, severity);
    }

    bool is_set(std::string_view name) const {
        const MasterService *const service = configuration_.delivery_service();
        return configuration_.is_set_in_main_cf(name) ||
               (service != nullptr && service->overrides.find(name) != service->overrides.end());
    }

    void check_deprecated() {
        std::vector<std::string> names;
        for (const auto *name : {"smtp_use_tls", "smtp_enforce_tls", "smtp_tls_per_site",
                                 "smtp_tls_enforce_peername"}) {
            if (is_set(name)) {
                names.emplace_back(name);
            }
        }
        if (names.empty()) {
            return;
        }
        const std::string all = fmt::format("{}", fmt::join(names, ", "));
        auto &finding = add("deprecated_tls_switch", Severity::kWarn);
        finding.summary = fmt::format(
            "{}: replaced by {}, and a later Postfix does not know it any more", all, kLevel);
        finding.evidence =
            fmt::format("{} set; the level is {}", all, level_text(facts_.level.effective));
        const bool decides =
            facts_.level.origin == "smtp_use_tls" || facts_.level.origin == "smtp_enforce_tls";
        if (decides) {
            // Towards any server of the internet "encrypt" would lose mail, towards one relay not.
            const bool direct =
                facts_.level.origin == "smtp_use_tls" && facts_.policies.levels.empty();
            const bool verifies = facts_.level.effective == TlsLevel::kVerify;
            finding.fix.push_back(
                repair_.set(kLevel, direct ? "may" : (verifies ? "verify" : "encrypt")));
        }
        for (const auto &name : names) {
            finding.fix.push_back(repair_.remove(name));
        }
        finding.fix.push_back(repair_.reload());
    }

    void check_general_level() {
        if (facts_.level.effective) {
            return;
        }
        auto &finding = add("tls_level_invalid", Severity::kCrit);
        finding.summary = fmt::format(
            "{} is no level that Postfix knows: each smtp client ends at once and no mail leaves",
            kLevel);
        finding.evidence = fmt::format("{} = {}", kLevel, configuration_.smtp_client(kLevel));
        finding.fix = {repair_.set(kLevel, "encrypt"), repair_.reload(), repair_.flush()};
    }

    void check_policy(const RelayhostLevel &relayhost) {
        if (!relayhost.malformed_policy) {
            return;
        }
        auto &finding = add("tls_level_invalid", Severity::kCrit);
        finding.summary = fmt::format("{} has no valid level for {}: its mail is deferred",
                                      facts_.policies.parameter, relayhost.relayhost);
        finding.evidence = fmt::format("entry under {}", relayhost.policy_key.value_or(""));
        finding.fix = level_fix(relayhost);
    }

    void check_wrapper(const RelayhostLevel &relayhost) {
        const std::string &name = relayhost.relayhost;
        if (!facts_.wrapper_mode) {
            if (relayhost.port == kImplicitTlsPort) {
                auto &finding = add("tls_port_without_wrapper", Severity::kCrit);
                finding.summary = fmt::format(
                    "{} speaks TLS from the first byte, but smtp_tls_wrappermode is off: each "
                    "connection times out waiting for the greeting",
                    name);
                finding.evidence = "port 465, smtp_tls_wrappermode = no";
                finding.fix = {repair_.set("smtp_tls_wrappermode", "yes"), repair_.reload()};
                if (!relayhost.level || relayhost.level <= TlsLevel::kMay) {
                    const auto more = level_fix(relayhost);
                    finding.fix.insert(finding.fix.end() - 1, more.begin(), more.end() - 1);
                }
                finding.fix.push_back(repair_.flush());
            }
            return;
        }
        if (relayhost.level && *relayhost.level <= TlsLevel::kMay) {
            auto &finding = add("wrapper_level_too_low", Severity::kCrit);
            finding.summary = fmt::format(
                "smtp_tls_wrappermode needs the TLS level encrypt or a stronger one, it is {} for "
                "{}: mail is deferred",
                level_text(relayhost.level), name);
            finding.evidence = describe_level(relayhost);
            finding.fix = level_fix(relayhost);
            finding.fix.push_back(repair_.flush());
        }
        const bool starttls = std::find(kStarttlsPorts.begin(), kStarttlsPorts.end(),
                                        relayhost.port) != kStarttlsPorts.end();
        if (starttls) {
            wrapper_on_starttls_port(name, fmt::format("port {}", relayhost.port));
        }
    }

    void wrapper_on_starttls_port(std::string_view name, std::string_view port) {
        auto &finding = add("wrapper_on_starttls_port", Severity::kCrit);
        finding.summary = fmt::format(
            "{} begins in plaintext and offers STARTTLS, but smtp_tls_wrappermode is on: the TLS "
            "handshake fails with \"wrong version number\"",
            name);
        finding.evidence = fmt::format("{}, smtp_tls_wrappermode = yes", port);
        finding.fix = {repair_.set("smtp_tls_wrappermode", "no"), repair_.reload(),
                       repair_.flush()};
    }

    /// Without a relayhost mail goes to port 25 of the recipients' servers.
    void check_direct_wrapper() {
        const bool direct =
            facts_.wrapper_mode && facts_.policies.levels.empty() &&
            next_hop_of(configuration_).empty() && !configuration_.map_types.empty() &&
            std::all_of(kRoutes.begin(), kRoutes.end(),
                        [&](auto route) { return configuration_.get(route).empty(); });
        if (direct) {
            wrapper_on_starttls_port("A recipient's mail server", "no relayhost, hence port 25");
        }
    }

    std::string describe_level(const RelayhostLevel &relayhost) const {
        if (relayhost.policy_key) {
            return fmt::format("{} has {} under {}", facts_.policies.parameter,
                               level_text(relayhost.level), *relayhost.policy_key);
        }
        return fmt::format("{} = {}, from {}", kLevel, level_text(facts_.level.effective),
                           facts_.level.origin);
    }

    void check_password(const RelayhostLevel &relayhost) {
        const auto &all = facts_.password_relayhosts;
        if (!relayhost.level ||
            std::find(all.begin(), all.end(), relayhost.relayhost) == all.end()) {
            return;
        }
        if (relayhost.level == TlsLevel::kNone) {
            auto &finding = add("password_without_tls", Severity::kCrit);
            finding.summary = fmt::format(
                "The smtp client is to log on to {} without TLS: anybody on the way can "
                "read the password",
                relayhost.relayhost);
            finding.evidence = "smtp_sasl_auth_enable = yes; " + describe_level(relayhost);
            finding.fix = level_fix(relayhost);
        } else if (relayhost.level == TlsLevel::kMay) {
            auto &finding = add("strippable_tls", Severity::kWarn);
            finding.summary = fmt::format(
                "TLS towards {} is optional: who removes STARTTLS from its answer gets "
                "mail, and the password, in plaintext",
                relayhost.relayhost);
            finding.evidence = "smtp_sasl_auth_enable = yes; " + describe_level(relayhost);
            finding.fix = level_fix(relayhost);
        }
    }

    /// Requires TLS where the level towards this relayhost comes from; the last one is a reload.
    std::vector<std::string> level_fix(const RelayhostLevel &relayhost) const {
        if (!relayhost.policy_key) {
            return {repair_.set(kLevel, "encrypt"), repair_.reload()};
        }
        const bool per_site = facts_.policies.parameter == "smtp_tls_per_site";
        const std::string entry =
            fmt::format("{} {}", *relayhost.policy_key, per_site ? "MUST_NOPEERMATCH" : "encrypt");
        for (const auto &table : facts_.policies.tables) {
            for (const auto *part : flatten(table)) {
                if (!part->source) {
                    continue;
                }
                std::vector<std::string> fix = {
                    edit_command(distribution_, part->source->path, entry)};
                if (part->indexed) {
                    fix.push_back(repair_.build(part->table));
                }
                fix.push_back(repair_.reload());
                return fix;
            }
        }
        return {fmt::format("# in {}: {}", facts_.policies.parameter, entry), repair_.reload()};
    }

    void check_tables() {
        const TableUse use{facts_.policies.parameter, Area::kTls,
                           "the smtp client defers the mail of every destination"};
        for (const auto &table : facts_.policies.tables) {
            const auto found =
                diagnose_table(table, use, facts_.instance, configuration_, distribution_);
            findings_.insert(findings_.end(), found.begin(), found.end());
        }
    }

    static constexpr auto kRoutes = std::to_array<std::string_view>(
        {"transport_maps", "sender_dependent_relayhost_maps",
         "sender_dependent_default_transport_maps", "smtp_fallback_relay"});

    const TlsFacts &facts_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
    Findings findings_;
};

}  // namespace

Findings diagnose_tls(const TlsFacts &facts, const Configuration &configuration,
                      const Distribution &distribution, std::int64_t /*now*/) {
    return TlsDiagnosis(facts, configuration, distribution).diagnose();
}

}  // namespace mail_relay
