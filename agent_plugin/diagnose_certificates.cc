#include "agent_plugin/diagnose_certificates.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent_plugin/ca_file_advice.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

namespace {

class CertificatesDiagnosis {
  public:
    CertificatesDiagnosis(const TlsFacts &facts, const Configuration &configuration,
                          const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          distribution_(distribution),
          repair_(facts.instance, configuration) {}

    Findings diagnose() {
        if (starts_tls()) {
            check_ca();
            check_client_certificates();
        }
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, Severity severity) {
        return add_finding(findings_, id, Area::kTls, severity);
    }

    /// Whether the smtp client reads certificates at all. Source: Postfix src/smtp/smtp.c
    /// pre_init().
    bool starts_tls() const {
        return facts_.level.effective > TlsLevel::kNone || !facts_.policies.tables.empty();
    }

    /// The destination that needs CA certificates; nullopt if none does.
    std::optional<std::string> find_verified() const {
        for (const auto &relayhost : facts_.policies.levels) {
            if (relayhost.level && needs_ca(*relayhost.level) && !relayhost.own_trust) {
                return fmt::format("level {} for {}", tls_level_name(*relayhost.level),
                                   relayhost.relayhost);
            }
        }
        if (facts_.policies.levels.empty() && facts_.level.effective &&
            needs_ca(*facts_.level.effective)) {
            return fmt::format("level {}", tls_level_name(*facts_.level.effective));
        }
        return std::nullopt;
    }

    std::vector<std::string> ca_fix() const {
        // Another file than the one that is broken, or that one made anew.
        const bool is_bundle =
            facts_.ca_file && facts_.ca_file->path == system_ca_file(distribution_);
        auto commands =
            is_bundle ? restore_ca_file(distribution_) : ca_file_advice(repair_, distribution_);
        commands.push_back(repair_.reload());
        commands.push_back(repair_.flush());
        return commands;
    }

    void check_ca() {
        if (facts_.ca_file && !facts_.ca_file->fault.empty()) {
            auto &finding = add("ca_file_missing", Severity::kCrit);
            finding.summary = fmt::format(
                "Postfix cannot read the CA file {} and therefore turns TLS off altogether",
                facts_.ca_file->path);
            finding.evidence = facts_.ca_file->fault;
            finding.fix = ca_fix();
            return;
        }
        const auto verified = find_verified();
        if (!verified || facts_.ca_file || facts_.has_trust_anchors) {
            return;
        }
        const bool no_folder = !facts_.ca_path || facts_.ca_path->present == false ||
                               (facts_.ca_path->certificates == 0 && !facts_.chroot);
        if (no_folder) {
            auto &finding = add("ca_file_missing", Severity::kCrit);
            finding.summary =
                "Certificates must be verified, but there are no CA certificates: mail is deferred";
            finding.evidence = fmt::format(
                "{}; {}", *verified,
                facts_.ca_path ? fmt::format("smtp_tls_CApath {} has none under hashed names",
                                             facts_.ca_path->path)
                               : "neither smtp_tls_CAfile nor smtp_tls_CApath is set");
            finding.fix = ca_fix();
        } else if (facts_.chroot && facts_.ca_path->in_jail == false) {
            auto &finding = add("capath_outside_jail", Severity::kWarn);
            finding.summary = fmt::format(
                "The chrooted smtp client cannot see smtp_tls_CApath {}: certificates cannot be "
                "verified",
                facts_.ca_path->path);
            finding.evidence =
                fmt::format("{}; no certificates in {}{}", *verified,
                            configuration_.get("queue_directory"), facts_.ca_path->path);
            finding.fix = ca_fix();
        }
    }

    void check_client_certificates() {
        for (const auto &certificate : facts_.client_certificates) {
            if (certificate.fault.empty()) {
                continue;
            }
            const bool expired = certificate.not_after && certificate.matches_key != false;
            auto &finding = add("client_certificate_unusable", Severity::kCrit);
            finding.summary =
                expired ? fmt::format("The client certificate {} has expired", certificate.path)
                        : fmt::format(
                              "Postfix cannot use the client certificate {} and therefore "
                              "turns TLS off altogether",
                              certificate.path);
            finding.evidence = certificate.fault;
            finding.fix = {"# put the right certificate and key there, or take both out of main.cf",
                           repair_.reload()};
        }
    }

    const TlsFacts &facts_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
    Findings findings_;
};

}  // namespace

Findings diagnose_certificates(const TlsFacts &facts, const Configuration &configuration,
                               const Distribution &distribution) {
    return CertificatesDiagnosis(facts, configuration, distribution).diagnose();
}

}  // namespace mail_relay
