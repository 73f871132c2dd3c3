#include "agent_plugin/diagnose_resolution.h"

#include <algorithm>
#include <utility>

#include "agent_plugin/diagnose_relayhost.h"
#include "agent_plugin/shell_quote.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

bool same_name(std::string_view one, std::string_view other) {
    one.remove_suffix(one.ends_with('.') ? 1 : 0);
    other.remove_suffix(other.ends_with('.') ? 1 : 0);
    return same_word(one, other);
}

Finding jail_cannot_resolve(const RelayContext &context) {
    const std::string jail(context.configuration.get("queue_directory"));
    std::vector<std::string> fix;
    if (context.distribution.family == DistributionFamily::kDebian && context.instance.is_default) {
        fix.push_back(context.repair.restart());  // the unit copies what the jail needs
    } else {
        fix.push_back("install -D -m 644 /etc/resolv.conf " +
                      shell_quote(jail + "/etc/resolv.conf"));
        fix.push_back(context.repair.reload());
    }
    fix.push_back(context.repair.flush());
    return {"chroot_drift",
            Area::kConnection,
            context.severity_of_loss(),
            fmt::format("This host resolves {}, but the smtp client in its jail does not: {}",
                        context.relay.server, context.fate_of_mail()),
            fmt::format("in {}: {}", jail, context.relay.resolution.error),
            std::move(fix)};
}

Finding only_hosts_file_knows(const RelayContext &context) {
    return {"relayhost_unresolvable",
            Area::kConnection,
            context.severity_of_loss(),
            fmt::format("This host resolves {}, but Postfix asks the DNS alone, which gives no "
                        "address: {}",
                        context.relay.server, context.fate_of_mail()),
            context.relay.resolution.error,
            {context.repair.set("smtp_host_lookup", "dns, native"), context.repair.reload(),
             context.repair.flush()}};
}

bool servers_fail(DnsStatus status) {
    return status == DnsStatus::kTimeout || status == DnsStatus::kServerFailure;
}

Finding nobody_resolves(const RelayContext &context) {
    const RelayLook &relay = context.relay;
    Finding finding{"relayhost_unresolvable",   Area::kConnection,
                    context.severity_of_loss(), "",
                    relay.resolution.error,     {}};
    if (servers_fail(relay.resolution.status)) {
        finding.summary = fmt::format("The DNS servers of this host do not answer for {}: {}",
                                      relay.server, context.fate_of_mail());
        finding.fix = {"# name a DNS server that answers in /etc/resolv.conf, then:",
                       context.repair.restart(), context.repair.flush()};
    } else {
        finding.summary =
            fmt::format("relayhost {} has no address: {}", relay.relayhost, context.fate_of_mail());
        finding.fix = {context.repair.set_next_hop("[smtp.example.org]:587") +
                           "  # the right name of your relay",
                       context.repair.reload(), context.repair.flush()};
    }
    if (relay.is_direct) {
        finding.fix.resize(servers_fail(relay.resolution.status) ? finding.fix.size() : 0);
    }
    return finding;
}

std::string repaired_relayhosts(const RelayContext &context) {
    std::string repaired;
    for (const Relayhost &relayhost : context.configuration.relayhosts()) {
        repaired += repaired.empty() ? "" : ", ";
        repaired += relayhost.written == context.relay.relayhost ? in_brackets(relayhost)
                                                                 : relayhost.written;
    }
    return repaired;
}

Findings leads_elsewhere(const RelayContext &context) {
    const RelayLook &relay = context.relay;
    const auto &exchangers = relay.resolution.exchangers;
    const bool elsewhere = !exchangers.empty() &&
                           std::none_of(exchangers.begin(), exchangers.end(),
                                        [&](auto &mx) { return same_name(mx.host, relay.server); });
    // A domain as relayhost means its MX, and rightly so. A submission service is meant itself.
    if (!elsewhere || relay.is_direct || !context.is_submission()) {
        return {};
    }
    std::vector<std::string> fix{context.repair.set_next_hop(repaired_relayhosts(context))};
    if (context.configuration.smtp_client_is_yes("smtp_sasl_auth_enable")) {
        fix.emplace_back("# write the credentials map's key in the same form and postmap it");
    }
    fix.push_back(context.repair.reload());
    fix.push_back(context.repair.flush());
    return {{"relayhost_has_mx", Area::kConnection,
             used_address(relay) != nullptr ? Severity::kWarn : Severity::kCrit,
             fmt::format("relayhost {} has no brackets and the name has an MX: mail goes to {} "
                         "port {} instead",
                         relay.relayhost, exchangers.front().host, relay.port),
             fmt::format("{} MX {} {}", relay.server, exchangers.front().preference,
                         exchangers.front().host),
             std::move(fix)}};
}

Findings without_dnssec(const RelayContext &context) {
    const RelayLook &relay = context.relay;
    if (relay.resolution.authenticated != false) {
        return {};
    }
    return {{"dane_without_dnssec",
             Area::kConnection,
             Severity::kWarn,
             fmt::format("TLS level {} needs DNSSEC, but the DNS servers of this host do not vouch "
                         "for {}: {}",
                         tls_level_name(relay.level.value_or(TlsLevel::kDane)), relay.server,
                         relay.level == TlsLevel::kDaneOnly
                             ? "mail is deferred"
                             : "DANE protects nothing, the level is in effect may"),
             fmt::format("the answer for {} came without the AD bit", relay.server),
             {install_command(context.distribution, "unbound", "unbound", "unbound") +
                  "  # a resolver that validates; name it in /etc/resolv.conf",
              context.repair.set("smtp_dns_support_level", "dnssec"), context.repair.restart()}}};
}

}  // namespace

Findings diagnose_resolution(const RelayContext &context) {
    const RelayLook &relay = context.relay;
    if (relay.addresses.empty()) {
        return {relay.resolution.host_resolves == true     ? jail_cannot_resolve(context)
                : relay.resolution.native_resolves == true ? only_hosts_file_knows(context)
                                                           : nobody_resolves(context)};
    }
    Findings findings = leads_elsewhere(context);
    for (auto &finding : without_dnssec(context)) {
        findings.push_back(std::move(finding));
    }
    return findings;
}

}  // namespace mail_relay
