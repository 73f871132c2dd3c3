#include "agent_plugin/diagnose_relay_offer.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "agent_plugin/ca_file_advice.h"
#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/relay_advice.h"
#include "agent_plugin/sasl_mechanism.h"
#include "agent_plugin/tls_peer.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kEnding_s = 14 * kDay_s;

using Words = std::vector<std::string>;

bool have_in_common(const Words &some, const Words &others) {
    return std::any_of(some.begin(), some.end(),
                       [&](const auto &word) { return contains(others, word); });
}

std::string date(std::int64_t time) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(time)));
}

class RelayOffer {
  public:
    RelayOffer(const RelayContext &context, const LoginAbility &ability, const AddressLook &used)
        : context_(context), relay_(context.relay), ability_(ability), look_(used.look) {}

    Findings diagnose() {
        plaintext_after_all();
        starttls_not_used();
        old_protocol();
        certificate_ending();
        login();
        login_not_used();
        size();
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, Severity severity) {
        return add_finding(findings_, id, Area::kConnection, severity);
    }

    void starttls_not_used() {
        if (relay_.tls_mode != TlsMode::kNone || !look_.seen.starttls_offered ||
            !context_.is_submission() || ability_.auth_enabled) {
            return;  // a password without TLS is the TLS section's business
        }
        Finding &finding = add("starttls_not_used", Severity::kWarn);
        finding.summary = fmt::format(
            "{} offers STARTTLS, but the smtp client does not use it: such services refuse mail in "
            "plaintext, and what they refuse is lost",
            context_.name());
        finding.evidence = "smtp_tls_security_level = none";
        finding.fix = ca_file_advice(context_.repair, context_.distribution);
        finding.fix.insert(finding.fix.begin(),
                           context_.repair.set("smtp_tls_security_level", "encrypt"));
        finding.fix.push_back(context_.repair.reload());
    }

    /// A relay may know its clients by their addresses: that is no fault.
    void login_not_used() {
        const auto &offered = look_.seen.auth_mechanisms;
        if (ability_.auth_enabled || !look_.seen.tls || !offered || offered->empty() ||
            !context_.is_submission() || contains(ability_.unused_passwords, relay_.relayhost)) {
            return;  // what is only switched off, the authentication section tells
        }
        Finding &finding = add("login_not_used", Severity::kInfo);
        finding.summary = fmt::format(
            "{} offers a log-in and this host does not log in: right only if it knows this host by "
            "its address, else it refuses the mail, which is lost then",
            context_.name());
        finding.evidence =
            fmt::format("AUTH {}; smtp_sasl_auth_enable = no", fmt::join(*offered, " "));
        finding.fix = login_advice(context_.repair, context_.configuration, context_.distribution,
                                   relay_.relayhost);
        finding.fix.push_back(context_.repair.reload());
    }

    /// A relay without STARTTLS is legal where TLS is a wish; one that fails at it is not meant.
    void plaintext_after_all() {
        if (!look_.tls_given_up || !look_.seen.starttls_offered) {
            return;
        }
        Finding &finding = add("tls_handshake_failed", Severity::kWarn);
        finding.summary =
            fmt::format("The TLS handshake with {} fails: mail goes in plaintext", context_.name());
        finding.evidence = *look_.tls_given_up;
    }

    void old_protocol() {
        const auto &tls = look_.seen.tls;
        if (!tls ||
            (tls->version != "TLSv1" && tls->version != "TLSv1.1" && tls->version != "SSLv3")) {
            return;
        }
        Finding &finding = add("relay_old_protocol", Severity::kWarn);
        const bool required = relay_.level && !allows_plaintext(*relay_.level);
        const std::string_view parameter =
            required ? "smtp_tls_mandatory_protocols" : "smtp_tls_protocols";
        const auto allowed = allowed_protocols(context_.configuration.smtp_client(parameter));
        finding.evidence = fmt::format("{}, {}", tls->version, tls->cipher);
        if (!contains(allowed, "TLSv1.2") && !contains(allowed, "TLSv1.3")) {
            const auto version = context_.configuration.version();
            const bool has_bounds = version && *version >= std::pair(3, 6);
            finding.summary = fmt::format("{} forbids TLS 1.2 and newer: mail goes with {}",
                                          parameter, tls->version);
            finding.fix = {
                context_.repair.set(parameter,
                                    has_bounds ? ">=TLSv1.2" : "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1"),
                context_.repair.reload()};
            return;
        }
        finding.summary = fmt::format("{} speaks nothing newer than {}, which is not safe any more",
                                      context_.name(), tls->version);
        finding.fix = {
            fmt::format("# the operator of {} has to turn on TLS 1.2 or 1.3", relay_.server)};
    }

    void certificate_ending() {
        const auto &tls = look_.seen.tls;
        if (!tls) {
            return;
        }
        const auto ending = std::find_if(
            tls->chain.begin(), tls->chain.end(), [&](const ChainCertificate &certificate) {
                return certificate.not_after && *certificate.not_after - context_.now < kEnding_s;
            });
        if (ending == tls->chain.end()) {
            chain_gap(*tls);
            return;
        }
        const std::int64_t left_s = *ending->not_after - context_.now;
        Finding &finding = add("relay_certificate_ending", Severity::kWarn);
        finding.summary = left_s < 0
                              ? fmt::format(
                                    "The certificate of {} has expired, which nobody notices at "
                                    "this TLS level",
                                    context_.name())
                              : fmt::format("The certificate of {} is valid for {} days more",
                                            context_.name(), left_s / kDay_s);
        finding.evidence =
            fmt::format("{} is valid until {}", ending->subject, date(*ending->not_after));
        finding.fix = {fmt::format("# the operator of {} has to renew it", relay_.server)};
    }

    /// No fault where the level asks for no trust, yet in the way of a higher level.
    void chain_gap(const TlsObservation &tls) {
        const bool has_authorities = !context_.configuration.smtp_client("smtp_tls_CAfile").empty();
        const bool is_gap = tls.chain.size() == 1 && tls.verify_error &&
                            tls.verify_error->starts_with("unable to get local issuer") &&
                            tls.chain.front().subject != tls.chain.front().issuer;
        if (!is_gap || !has_authorities) {
            return;
        }
        Finding &finding = add("relay_certificate_untrusted", Severity::kInfo);
        finding.summary = fmt::format(
            "{} does not send its whole certificate chain, or its authority is not known here",
            context_.name());
        finding.evidence = fmt::format("{} alone, issued by {}", tls.chain.front().subject,
                                       tls.chain.front().issuer);
        finding.fix = {fmt::format("# the operator of {} has to add the intermediate certificates",
                                   relay_.server)};
    }

    void login() {
        const auto &offered = look_.seen.auth_mechanisms;
        if (!ability_.auth_enabled || !offered ||
            !contains(ability_.password_relayhosts, relay_.relayhost)) {
            return;
        }
        if (!offered->empty()) {
            mechanism_mismatch(*offered);
        } else if (look_.seen.tls || !look_.seen.starttls_offered) {
            // Else the TLS section says that a log-in without TLS must not be.
            no_login_offered();
        }
    }

    void no_login_offered() {
        Finding &finding = add("auth_not_offered", Severity::kWarn);
        finding.summary = fmt::format(
            "This host has a password for {}, but it offers no AUTH: mail goes without log-in, or "
            "is refused",
            context_.name());
        finding.evidence = fmt::format("EHLO answer: {}",
                                       fmt::join(look_.seen.capabilities.value_or(Words()), ", "));
    }

    void mechanism_mismatch(const Words &offered) {
        if (!ability_.usable || ability_.usable->empty() ||
            have_in_common(offered, *ability_.usable)) {
            return;
        }
        const auto filter =
            split_list(context_.configuration.smtp_client("smtp_sasl_mechanism_filter"));
        const bool filter_decides = std::all_of(offered.begin(), offered.end(), [&](auto &name) {
            return !passes_filter(name, filter).value_or(true);
        });
        const bool is_installed =
            ability_.installed && have_in_common(offered, *ability_.installed);
        if (is_installed && !filter_decides) {
            return;  // ruled out by the security options, as the authentication section says
        }
        Finding &finding = add("mechanism_mismatch", Severity::kCrit);
        finding.summary = fmt::format(
            "{} offers no AUTH mechanism that this host can use: the smtp client cannot log on",
            context_.name());
        finding.evidence = fmt::format("offered: {}; usable here: {}", fmt::join(offered, " "),
                                       fmt::join(*ability_.usable, " "));
        if (filter_decides && is_installed) {
            finding.evidence +=
                fmt::format("; smtp_sasl_mechanism_filter = {}", fmt::join(filter, ", "));
            finding.fix = {context_.repair.remove("smtp_sasl_mechanism_filter")};
        } else if (contains(offered, "PLAIN") || contains(offered, "LOGIN")) {
            finding.fix = {install_command(context_.distribution, "libsasl2-modules",
                                           "cyrus-sasl-plain", "cyrus-sasl-plain"),
                           context_.repair.set("smtp_sasl_tls_security_options", "noanonymous")};
        } else if (contains(offered, "CRAM-MD5") || contains(offered, "DIGEST-MD5")) {
            finding.fix = {install_command(context_.distribution, "libsasl2-modules",
                                           "cyrus-sasl-md5", "cyrus-sasl-crammd5")};
        } else {
            finding.fix = {fmt::format("# install a Cyrus SASL plug-in for one of: {}",
                                       fmt::join(offered, " "))};
        }
        finding.fix.push_back(context_.repair.reload());
        finding.fix.push_back(context_.repair.flush());
    }

    void size() {
        const auto text = context_.configuration.get("message_size_limit");
        std::uint64_t ours = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), ours);
        const auto theirs = look_.size_limit.value_or(0);
        if (read.ec != std::errc() || theirs == 0 || (ours != 0 && ours <= theirs)) {
            return;
        }
        Finding &finding = add("relay_size_limit", Severity::kInfo);
        finding.summary = fmt::format(
            "{} takes messages up to {} bytes, this host takes larger ones, which then bounce",
            context_.name(), theirs);
        finding.evidence = fmt::format("SIZE {}, message_size_limit = {}", theirs, ours);
        finding.fix = {context_.repair.set("message_size_limit", std::to_string(theirs)),
                       context_.repair.reload()};
    }

    const RelayContext &context_;
    const RelayLook &relay_;
    const LoginAbility &ability_;
    const SmtpLook &look_;
    Findings findings_;
};

}  // namespace

Findings diagnose_relay_offer(const RelayContext &context, const LoginAbility &ability) {
    const AddressLook *const used = used_address(context.relay);
    return used != nullptr ? RelayOffer(context, ability, *used).diagnose() : Findings();
}

}  // namespace mail_relay
