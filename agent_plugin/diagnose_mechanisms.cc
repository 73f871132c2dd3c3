#include "agent_plugin/diagnose_mechanisms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent_plugin/repair.h"
#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

std::string join(const std::vector<std::string> &words, std::string_view nothing = "none") {
    return words.empty() ? std::string(nothing) : fmt::format("{}", fmt::join(words, ", "));
}

class MechanismDiagnosis {
  public:
    MechanismDiagnosis(const SaslFacts &facts, const Configuration &configuration,
                       const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          distribution_(distribution),
          repair_(facts.instance, configuration) {}

    Findings diagnose() {
        if (!check_implementation()) {
            return std::move(findings_);
        }
        check_crashes();
        if (!facts_.plugins.mechanisms) {
            return std::move(findings_);
        }
        const bool guessing = std::any_of(
            facts_.plugins.folders.begin(), facts_.plugins.folders.end(),
            [](const auto &folder) { return folder.searched && !folder.unknown.empty(); });
        if (!guessing) {
            check_installed();
        }
        check_options();
        if (!guessing) {
            check_filter();
        }
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, Severity severity) {
        return add_finding(findings_, id, Area::kSasl, severity);
    }

    bool check_implementation() {
        const auto &types = facts_.client_sasl_types;
        const bool known = !configuration_.map_types.empty();  // postconf did answer
        if (!known || facts_.sasl_type.empty() || contains(types, facts_.sasl_type)) {
            return facts_.sasl_type == "cyrus";
        }
        auto &finding = add("sasl_plugin_missing", Severity::kCrit);
        finding.evidence = fmt::format("smtp_sasl_type is {}; postconf -A names {}",
                                       facts_.sasl_type, join(types));
        if (facts_.sasl_type == "cyrus") {
            finding.summary =
                "This Postfix is built without Cyrus SASL: it cannot log on to a relay";
            finding.fix = {"install a Postfix that is built with Cyrus SASL"};
        } else {
            finding.summary = fmt::format(
                "The smtp client has no SASL of type {}: it ends at once and no mail leaves",
                facts_.sasl_type);
            finding.fix = {repair_.remove("smtp_sasl_type"), repair_.reload()};
        }
        return false;
    }

    std::string plugin_command(bool again) const {
        std::string command = install_command(distribution_, "libsasl2-modules", "cyrus-sasl-plain",
                                              "cyrus-sasl-plain");
        const auto at = command.find("install ");
        if (again && at != std::string::npos) {
            switch (distribution_.family) {
                case DistributionFamily::kDebian:
                    return command.insert(at + 8, "--reinstall ");
                case DistributionFamily::kRedHat:
                    return command.replace(at, 7, "reinstall");
                case DistributionFamily::kSuse:
                    return command.insert(at + 8, "--force ");
                case DistributionFamily::kOther:
                    break;
            }
        }
        return command;
    }

    std::vector<std::string> plugin_fix(bool again) const {
        return {plugin_command(again), repair_.restart(), repair_.flush()};
    }

    void check_crashes() {
        for (const auto &folder : facts_.plugins.folders) {
            for (const auto &plugin : folder.unusable) {
                if (folder.searched && plugin.crashes) {
                    auto &finding = add("sasl_plugin_missing", Severity::kCrit);
                    finding.summary = fmt::format(
                        "SASL plug-in {}/{} is truncated: each smtp client crashes on loading it",
                        folder.path, plugin.file);
                    finding.evidence = plugin.why;
                    finding.fix = plugin_fix(true);
                }
            }
        }
    }

    bool filter_names(std::string_view mechanism) const {
        return std::any_of(facts_.mechanism_filter.begin(), facts_.mechanism_filter.end(),
                           [&](const auto &pattern) {
                               return passes_filter(mechanism, {pattern}).value_or(false) &&
                                      pattern.find(':') == std::string::npos;
                           });
    }

    bool filter_names_any(const std::vector<std::string> &mechanisms) const {
        return std::any_of(mechanisms.begin(), mechanisms.end(),
                           [&](const auto &mechanism) { return filter_names(mechanism); });
    }

    std::string describe_folders() const {
        std::vector<std::string> lines;
        for (const auto &folder : facts_.plugins.folders) {
            if (!folder.searched) {
                lines.push_back(fmt::format("{} is not searched: Cyrus SASL ignores smtp_sasl_path",
                                            folder.path));
                continue;
            }
            lines.push_back(
                fmt::format("{} offers {}", folder.path, join(folder.mechanisms, "no mechanism")));
            for (const auto &plugin : folder.unusable) {
                lines.push_back(fmt::format("{}: {}", plugin.file, plugin.why));
            }
        }
        return lines.empty() ? "no folder of SASL plug-ins was found"
                             : fmt::format("{}", fmt::join(lines, "; "));
    }

    bool has_unusable_plain() const {
        for (const auto &folder : facts_.plugins.folders) {
            for (const auto &plugin : folder.unusable) {
                if (folder.searched && (plugin.file.starts_with("libplain.") ||
                                        plugin.file.starts_with("liblogin."))) {
                    return true;
                }
            }
        }
        return false;
    }

    /// What most relays offer is not installed.
    void check_installed() {
        const auto &installed = *facts_.plugins.mechanisms;
        const bool has_plain = std::any_of(installed.begin(), installed.end(), sends_plaintext);
        if (has_plain || filter_names_any(installed)) {
            return;
        }
        const bool has_other = std::any_of(installed.begin(), installed.end(), uses_password) &&
                               !filter_names("PLAIN") && !filter_names("LOGIN");
        auto &finding = add("sasl_plugin_missing", has_other ? Severity::kWarn : Severity::kCrit);
        finding.summary =
            has_other
                ? "No SASL plug-in for PLAIN or LOGIN can be used, and most relays offer "
                  "nothing else"
                : "No SASL plug-in for PLAIN or LOGIN can be used: the smtp client cannot log on";
        finding.evidence = describe_folders();
        finding.fix = plugin_fix(has_unusable_plain());
    }

    /// Options that rule out what relays offer.
    void check_options() {
        if (const auto unknown = unknown_security_option(facts_.effective_options)) {
            auto &finding = add("mechanism_mismatch", Severity::kCrit);
            finding.summary = fmt::format(
                "{} has the unknown word {}: each smtp client ends at once and no mail leaves",
                facts_.effective_options_parameter, *unknown);
            finding.evidence = join(facts_.effective_options);
            finding.fix = options_fix();
            return;
        }
        const bool plain_passes = passes_filter("PLAIN", facts_.mechanism_filter) != false ||
                                  passes_filter("LOGIN", facts_.mechanism_filter) != false;
        const auto &options = facts_.effective_options;
        if (!plain_passes || satisfies_options("PLAIN", options)) {
            return;
        }
        const auto &usable = facts_.usable_mechanisms;
        if (usable && filter_names_any(*usable)) {
            return;  // somebody chose another mechanism on purpose
        }
        const bool noplaintext = contains(options, "noplaintext");
        auto &finding =
            add(noplaintext ? "noplaintext_default" : "mechanism_mismatch", Severity::kCrit);
        finding.summary = fmt::format(
            "{} rules out PLAIN and LOGIN, the only mechanisms that most relays offer: the smtp "
            "client cannot log on",
            facts_.effective_options_parameter);
        finding.evidence = fmt::format("{} = {}{}", facts_.effective_options_parameter,
                                       fmt::join(options, ", "), is_default_option());
        finding.fix = options_fix();
    }

    std::string is_default_option() const {
        return configuration_.is_set_in_main_cf(facts_.effective_options_parameter) ||
                       configuration_.is_set_in_main_cf("smtp_sasl_security_options")
                   ? ""
                   : " (default)";
    }

    std::vector<std::string> options_fix() const {
        std::vector<std::string> fix;
        // Without TLS the password would be readable on its way: TLS comes first.
        if (facts_.level == TlsLevel::kNone) {
            fix.push_back(repair_.set("smtp_tls_security_level", "encrypt"));
        }
        const std::string_view parameter =
            facts_.effective_options_parameter == "smtp_sasl_tls_verified_security_options"
                ? "smtp_sasl_tls_verified_security_options"
                : "smtp_sasl_tls_security_options";
        fix.push_back(repair_.set(parameter, "noanonymous"));
        fix.push_back(repair_.reload());
        fix.push_back(repair_.flush());
        return fix;
    }

    void check_filter() {
        std::vector<std::string> passwords;
        std::copy_if(facts_.plugins.mechanisms->begin(), facts_.plugins.mechanisms->end(),
                     std::back_inserter(passwords), uses_password);
        const bool some_pass =
            std::any_of(facts_.plugins.mechanisms->begin(), facts_.plugins.mechanisms->end(),
                        [&](const auto &mechanism) {
                            return mechanism != "ANONYMOUS" &&
                                   passes_filter(mechanism, facts_.mechanism_filter).value_or(true);
                        });
        if (passwords.empty() || some_pass) {
            return;
        }
        auto &finding = add("mechanism_mismatch", Severity::kCrit);
        finding.summary =
            "smtp_sasl_mechanism_filter leaves none of the installed mechanisms: the smtp client "
            "cannot log on";
        finding.evidence = fmt::format("filter: {}; installed: {}", join(facts_.mechanism_filter),
                                       join(*facts_.plugins.mechanisms));
        finding.fix = {repair_.remove("smtp_sasl_mechanism_filter"), repair_.reload(),
                       repair_.flush()};
    }

    const SaslFacts &facts_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
    Findings findings_;
};

}  // namespace

Findings diagnose_mechanisms(const SaslFacts &facts, const Configuration &configuration,
                             const Distribution &distribution) {
    return MechanismDiagnosis(facts, configuration, distribution).diagnose();
}

}  // namespace mail_relay
