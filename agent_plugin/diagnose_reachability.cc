#include "agent_plugin/diagnose_reachability.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agent_plugin/address_failures.h"
#include "agent_plugin/certificate_advice.h"
#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/relay_advice.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostEvidence = 3;

std::string errors_of(const Addresses &addresses) {
    std::vector<std::string> errors;
    for (const auto *address : addresses) {
        if (errors.size() == kMostEvidence) {
            errors.push_back(fmt::format("{} more", addresses.size() - kMostEvidence));
            break;
        }
        errors.push_back(address->look.seen.failure->error);
    }
    return fmt::format("{}", fmt::join(errors, "; "));
}

class Reachability {
  public:
    explicit Reachability(const RelayContext &context)
        : context_(context),
          relay_(context.relay),
          works_(used_address(relay_) != nullptr),
          failed_(sort_failures(relay_)) {}

    Findings diagnose() {
        no_ipv6_route();
        not_connected();
        tls_first();
        no_tls();
        refused();
        return std::move(findings_);
    }

  private:
    Finding &add(std::string_view id, const Addresses &addresses) {
        // Where one address fails the smtp client takes the next.
        Finding &finding = add_finding(findings_, id, Area::kConnection,
                                       works_ ? Severity::kWarn : context_.severity_of_loss());
        finding.evidence = errors_of(addresses);
        return finding;
    }

    std::string consequence() const {
        return works_ ? "mail takes another address" : context_.fate_of_mail();
    }

    void no_ipv6_route() {
        if (failed_.no_route.empty()) {
            return;
        }
        Finding &finding = add("ipv6_no_route", failed_.no_route);
        const bool has_ipv4 = failed_.no_route.size() < relay_.addresses.size();
        if (has_ipv4) {
            finding.severity = Severity::kWarn;
            finding.summary = "Postfix tries IPv6, but this host has no way out over IPv6";
            finding.fix = {context_.repair.set("inet_protocols", "ipv4"), context_.repair.restart(),
                           context_.repair.flush()};
        } else {
            finding.summary = fmt::format(
                "{} has IPv6 addresses alone, but this host has no way out over IPv6: {}",
                relay_.server, consequence());
            finding.fix = {"ip -6 route  # no default route: let the network's operator add one"};
        }
    }

    void not_connected() {
        if (failed_.not_connected.empty()) {
            return;
        }
        if (works_) {
            Finding &finding = add("relay_address_failing", failed_.not_connected);
            finding.summary =
                fmt::format("{} of {} addresses of {} cannot be reached: mail to them is delayed",
                            failed_.not_connected.size(), relay_.addresses.size(), relay_.server);
            return;
        }
        if (relay_.is_direct) {
            Finding &finding = add("direct_delivery_blocked", failed_.not_connected);
            finding.summary =
                "Other mail servers cannot be reached on port 25, which many providers block: mail "
                "has to go through a relayhost";
            finding.fix =
                relay_advice(context_.repair, context_.configuration, context_.distribution);
            return;
        }
        Finding &finding = add("relay_unreachable", failed_.not_connected);
        const bool all_refuse = std::all_of(
            failed_.not_connected.begin(), failed_.not_connected.end(), [](const auto *address) {
                return address->look.seen.failure->kind == FailureClass::kRefused;
            });
        finding.summary =
            all_refuse ? fmt::format("Nothing listens at {}, or a firewall refuses: {}",
                                     context_.name(), consequence())
                       : fmt::format("{} cannot be reached: {}", context_.name(), consequence());
        finding.fix = way_out();
    }

    std::vector<std::string> way_out() const {
        std::vector<std::string> fix;
        if (relay_.port == kSmtpPort && is_submission_host(relay_.server)) {
            fix.push_back(context_.repair.set_next_hop(fmt::format("[{}]:587", relay_.server)) +
                          "  # port 25 is blocked by many providers");
            fix.push_back(context_.repair.reload());
            fix.push_back(context_.repair.flush());
            return fix;
        }
        fix.emplace_back(context_.distribution.family == DistributionFamily::kDebian
                             ? "# does this host's firewall let it out? ufw status"
                         : context_.distribution.family == DistributionFamily::kRedHat
                             ? "# does this host's firewall let it out? firewall-cmd --list-all"
                             : "# does this host's firewall let it out? nft list ruleset");
        fix.push_back(fmt::format("# is {} right? If so let the network's operator allow it, then:",
                                  context_.name()));
        fix.push_back(context_.repair.flush());
        return fix;
    }

    void tls_first() {
        if (!failed_.expecting_tls.empty()) {
            Finding &finding = add("tls_port_without_wrapper", failed_.expecting_tls);
            finding.summary = fmt::format(
                "{} speaks TLS from the first byte, but smtp_tls_wrappermode is off: each "
                "connection times out waiting for the greeting",
                context_.name());
            finding.fix = {context_.repair.set("smtp_tls_wrappermode", "yes")};
            if (!relay_.level || relay_.level <= TlsLevel::kMay) {
                finding.fix.push_back(context_.repair.set("smtp_tls_security_level", "encrypt"));
            }
            finding.fix.push_back(context_.repair.reload());
            finding.fix.push_back(context_.repair.flush());
        }
        if (!failed_.in_plaintext.empty()) {
            Finding &finding = add("wrapper_on_starttls_port", failed_.in_plaintext);
            finding.summary = fmt::format(
                "{} begins in plaintext, but smtp_tls_wrappermode is on: each TLS handshake fails",
                context_.name());
            finding.fix = {context_.repair.set("smtp_tls_wrappermode", "no"),
                           context_.repair.reload(), context_.repair.flush()};
        }
    }

    void no_tls() {
        if (!failed_.without_starttls.empty()) {
            Finding &finding = add("starttls_missing", failed_.without_starttls);
            const bool refuses = failed_.without_starttls.front()->look.seen.starttls_offered;
            finding.summary =
                fmt::format("TLS is required, but {} {} STARTTLS: {}", context_.name(),
                            refuses ? "refuses" : "does not offer", consequence());
            finding.fix = {
                refuses ? fmt::format("# ask the operator of {} what its mail log says of this "
                                      "host's connections",
                                      relay_.server)
                        : fmt::format("# take the port on which {} offers STARTTLS (587 as a "
                                      "rule), or ask its operator",
                                      relay_.server),
                context_.repair.flush()};
        }
        if (!failed_.without_own_tls.empty()) {
            Finding &finding = add("tls_handshake_failed", failed_.without_own_tls);
            finding.summary = fmt::format("This host cannot begin TLS with {}: {}", context_.name(),
                                          consequence());
            finding.fix = {
                "postconf smtp_tls_cert_file smtp_tls_key_file smtp_tls_chain_files  # the files "
                "that Postfix shows the relay"};
        }
        if (!failed_.broken_tls.empty()) {
            Finding &finding = add("tls_handshake_failed", failed_.broken_tls);
            finding.summary =
                fmt::format("The TLS handshake with {} fails: {}", context_.name(), consequence());
            finding.fix = {
                "postconf smtp_tls_mandatory_protocols smtp_tls_mandatory_ciphers  # too narrow?"};
        }
        if (!failed_.not_trusted.empty()) {
            Finding &finding = add("certificate_refused", failed_.not_trusted);
            finding.summary = fmt::format("The certificate of {} is not accepted: {}",
                                          context_.name(), consequence());
            finding.fix = certificate_advice(context_, failed_.not_trusted.front()->look);
        }
    }

    /// The name behind EHLO, not the host or its mail, is what the relay does not like.
    static bool dislikes_name(const Failure &failure) {
        return failure.phase == "ehlo" &&
               (failure.error.find("elo command rejected") != std::string::npos ||
                failure.error.find("fully-qualified") != std::string::npos);
    }

    void refused() {
        if (!failed_.refusing.empty() &&
            dislikes_name(*failed_.refusing.front()->look.seen.failure)) {
            Finding &finding = add("relay_refuses", failed_.refusing);
            finding.summary = fmt::format("{} does not accept the name that this host gives: {}",
                                          context_.name(), consequence());
            finding.fix = {context_.repair.set("smtp_helo_name", "mail.example.org") +
                               "  # this host's full name, as the DNS knows it",
                           context_.repair.reload(), context_.repair.flush()};
        } else if (!failed_.refusing.empty()) {
            Finding &finding = add("relay_refuses", failed_.refusing);
            const bool distrusted =
                failed_.refusing.front()->look.seen.failure->kind == FailureClass::kReputation;
            finding.summary = fmt::format(
                "{} refuses this host before any mail is offered{}: {}", context_.name(),
                distrusted ? ", for its reputation or by policy" : "", consequence());
            finding.fix = {
                fmt::format("# ask the operator of {} what the answer means", relay_.server)};
        }
        if (failed_.broken.empty()) {
            return;
        }
        Finding &finding = add("relay_dialogue_failed", failed_.broken);
        const Failure &failure = *failed_.broken.front()->look.seen.failure;
        const bool merely_slow = std::all_of(failed_.broken.begin(), failed_.broken.end(),
                                             [](const auto *address) { return is_slow(*address); });
        finding.summary = fmt::format("The dialogue with {} ends at step {}: {}", context_.name(),
                                      failure.phase, consequence());
        finding.fix = {fmt::format("# ask the operator of {} what its mail log says of this host's "
                                   "connections",
                                   relay_.server),
                       context_.repair.flush()};
        if (merely_slow) {
            // Postfix waits five minutes: what has not come yet may come.
            finding.severity = Severity::kWarn;
            finding.summary = fmt::format(
                "{} takes the connection, but does not greet within seconds", context_.name());
        }
    }

    static bool is_slow(const AddressLook &address) {
        const Failure &failure = *address.look.seen.failure;
        return failure.phase == "greeting" &&
               failure.error.find("did not answer in time") != std::string::npos;
    }

    const RelayContext &context_;
    const RelayLook &relay_;
    const bool works_;
    const FailedAddresses failed_;
    Findings findings_;
};

}  // namespace

Findings diagnose_reachability(const RelayContext &context) {
    return Reachability(context).diagnose();
}

}  // namespace mail_relay
