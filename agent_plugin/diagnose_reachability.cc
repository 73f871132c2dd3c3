#include "agent_plugin/diagnose_reachability.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agent_plugin/certificate_advice.h"
#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/relay_advice.h"

namespace mail_relay {

namespace {

constexpr std::uint16_t kSmtpPort = 25;
constexpr std::size_t kMostEvidence = 3;

using Addresses = std::vector<const AddressLook *>;

bool is_connect_failure(FailureClass kind) {
    return kind == FailureClass::kRefused || kind == FailureClass::kTimeout ||
           kind == FailureClass::kUnreachable || kind == FailureClass::kUnreachableIpv6;
}

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

bool says_no(const Failure &failure) {
    return failure.reply && (failure.reply->starts_with('4') || failure.reply->starts_with('5'));
}

class Reachability {
  public:
    explicit Reachability(const RelayContext &context)
        : context_(context), relay_(context.relay), works_(used_address(relay_) != nullptr) {}

    Findings diagnose() {
        for (const AddressLook &address : relay_.addresses) {
            if (address.look.seen.failure) {
                sort(address);
            }
        }
        no_ipv6_route();
        not_connected();
        tls_first();
        no_tls();
        refused();
        return std::move(findings_);
    }

  private:
    void sort(const AddressLook &address) {
        const SmtpLook &look = address.look;
        switch (look.seen.failure->kind) {
            case FailureClass::kUnreachableIpv6:
                no_route_.push_back(&address);
                return;
            case FailureClass::kTlsNotOffered:
                without_starttls_.push_back(&address);
                return;
            case FailureClass::kTlsVerify:
                not_trusted_.push_back(&address);
                return;
            case FailureClass::kTlsHandshake:
                (relay_.tls_mode == TlsMode::kImplicit && look.speaks_tls_first == false
                     ? in_plaintext_
                     : broken_tls_)
                    .push_back(&address);
                return;
            case FailureClass::kLocalDataError:
                without_own_tls_.push_back(&address);
                return;
            default:
                break;
        }
        (!look.connected || is_connect_failure(look.seen.failure->kind) ? not_connected_
         : look.speaks_tls_first == true                                ? expecting_tls_
         : says_no(*look.seen.failure)                                  ? refusing_
                                                                        : broken_)
            .push_back(&address);
    }

    Finding &add(std::string_view id, const Addresses &addresses) {
        Finding &finding = findings_.emplace_back();
        finding.id = id;
        finding.area = Area::kConnection;
        // Where one address fails the smtp client takes the next.
        finding.severity = works_ ? Severity::kWarn : Severity::kCrit;
        finding.evidence = errors_of(addresses);
        return finding;
    }

    std::string consequence() const {
        return works_ ? "mail takes another address" : "mail stays here";
    }

    void no_ipv6_route() {
        if (no_route_.empty()) {
            return;
        }
        Finding &finding = add("ipv6_no_route", no_route_);
        const bool has_ipv4 = no_route_.size() < relay_.addresses.size();
        if (has_ipv4) {
            finding.severity = Severity::kWarn;
            finding.summary = "Postfix tries IPv6, but this host has no way out over IPv6";
            finding.fix = {context_.repair.set("inet_protocols", "ipv4"), context_.repair.restart(),
                           context_.repair.flush()};
        } else {
            finding.summary = fmt::format(
                "{} has IPv6 addresses alone, but this host has no way out over IPv6: mail stays "
                "here",
                relay_.server);
            finding.fix = {"ip -6 route  # no default route: let the network's operator add one"};
        }
    }

    void not_connected() {
        if (not_connected_.empty()) {
            return;
        }
        if (works_) {
            Finding &finding = add("relay_address_failing", not_connected_);
            finding.summary =
                fmt::format("{} of {} addresses of {} cannot be reached: mail to them is delayed",
                            not_connected_.size(), relay_.addresses.size(), relay_.server);
            return;
        }
        if (relay_.is_direct) {
            Finding &finding = add("direct_delivery_blocked", not_connected_);
            finding.summary =
                "Other mail servers cannot be reached on port 25, which many providers block: mail "
                "has to go through a relayhost";
            finding.fix = relay_advice(context_.repair, context_.distribution);
            return;
        }
        Finding &finding = add("relay_unreachable", not_connected_);
        const bool all_refuse =
            std::all_of(not_connected_.begin(), not_connected_.end(), [](const auto *address) {
                return address->look.seen.failure->kind == FailureClass::kRefused;
            });
        finding.summary =
            all_refuse
                ? fmt::format("Nothing listens at {}, or a firewall refuses: mail stays here",
                              context_.name())
                : fmt::format("{} cannot be reached: mail stays here", context_.name());
        finding.fix = way_out();
    }

    std::vector<std::string> way_out() const {
        std::vector<std::string> fix;
        if (relay_.port == kSmtpPort && is_submission_host(relay_.server)) {
            fix.push_back(context_.repair.set("relayhost", fmt::format("[{}]:587", relay_.server)) +
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
        if (!expecting_tls_.empty()) {
            Finding &finding = add("tls_port_without_wrapper", expecting_tls_);
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
        if (!in_plaintext_.empty()) {
            Finding &finding = add("wrapper_on_starttls_port", in_plaintext_);
            finding.summary = fmt::format(
                "{} begins in plaintext, but smtp_tls_wrappermode is on: each TLS handshake fails",
                context_.name());
            finding.fix = {context_.repair.set("smtp_tls_wrappermode", "no"),
                           context_.repair.reload(), context_.repair.flush()};
        }
    }

    void no_tls() {
        if (!without_starttls_.empty()) {
            Finding &finding = add("starttls_missing", without_starttls_);
            const bool refuses = without_starttls_.front()->look.seen.starttls_offered;
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
        if (!without_own_tls_.empty()) {
            Finding &finding = add("tls_handshake_failed", without_own_tls_);
            finding.summary = fmt::format("This host cannot begin TLS with {}: {}", context_.name(),
                                          consequence());
            finding.fix = {
                "postconf smtp_tls_cert_file smtp_tls_key_file smtp_tls_chain_files  # the files "
                "that Postfix shows the relay"};
        }
        if (!broken_tls_.empty()) {
            Finding &finding = add("tls_handshake_failed", broken_tls_);
            finding.summary =
                fmt::format("The TLS handshake with {} fails: {}", context_.name(), consequence());
            finding.fix = {
                "postconf smtp_tls_mandatory_protocols smtp_tls_mandatory_ciphers  # too narrow?"};
        }
        if (!not_trusted_.empty()) {
            Finding &finding = add("certificate_refused", not_trusted_);
            finding.summary = fmt::format("The certificate of {} is not accepted: {}",
                                          context_.name(), consequence());
            finding.fix = certificate_advice(context_, not_trusted_.front()->look);
        }
    }

    void refused() {
        if (!refusing_.empty()) {
            Finding &finding = add("relay_refuses", refusing_);
            const bool distrusted =
                refusing_.front()->look.seen.failure->kind == FailureClass::kReputation;
            finding.summary = fmt::format(
                "{} refuses this host before any mail is offered{}: {}", context_.name(),
                distrusted ? ", for its reputation or by policy" : "", consequence());
            finding.fix = {
                fmt::format("# ask the operator of {} what the answer means", relay_.server)};
        }
        if (broken_.empty()) {
            return;
        }
        Finding &finding = add("relay_dialogue_failed", broken_);
        const Failure &failure = *broken_.front()->look.seen.failure;
        const bool merely_slow = std::all_of(broken_.begin(), broken_.end(),
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
    Addresses no_route_;
    Addresses not_connected_;
    Addresses expecting_tls_;
    Addresses in_plaintext_;
    Addresses without_starttls_;
    Addresses broken_tls_;
    Addresses without_own_tls_;
    Addresses not_trusted_;
    Addresses refusing_;
    Addresses broken_;
    Findings findings_;
};

}  // namespace

Findings diagnose_reachability(const RelayContext &context) {
    return Reachability(context).diagnose();
}

}  // namespace mail_relay
