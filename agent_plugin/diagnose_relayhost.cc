#include "agent_plugin/diagnose_relayhost.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent_plugin/next_hop.h"
#include "agent_plugin/shell_quote.h"
#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

// Host names, and with a leading dot all names below.
constexpr auto kSubmissionHosts = std::to_array<std::string_view>({
    "smtp.gmail.com",         "smtp-relay.gmail.com",   "smtp.office365.com",
    "smtp-mail.outlook.com",  "smtp.mail.yahoo.com",    "smtp.aol.com",
    "smtp.mail.me.com",       "mail.gmx.net",           "smtp.web.de",
    "securesmtp.t-online.de", "smtp.ionos.com",         "smtp.ionos.de",
    "smtp.strato.de",         "smtp.zoho.com",          "smtp.zoho.eu",
    "smtp.sendgrid.net",      "smtp.mailgun.org",       "smtp.eu.mailgun.org",
    "smtp.postmarkapp.com",   "smtp-relay.brevo.com",   "in-v3.mailjet.com",
    "smtp.fastmail.com",      ".amazonaws.com",         ".mail.protection.outlook.com",
    "smtp.mandrillapp.com",   "smtp.sparkpostmail.com", "smtp.mailbox.org",
});

constexpr auto kSubmissionPorts = std::to_array<std::uint16_t>({465, 587, 2465, 2587});

// RFC 6762, RFC 8375, ICANN's .internal, and what is used without leave.
constexpr auto kPrivateDomains =
    std::to_array<std::string_view>({".local", ".lan", ".localdomain", ".internal", ".intranet",
                                     ".corp", ".home", ".home.arpa", ".private", ".localhost"});

/// Asked for the port of a name that nobody knows, the smtp client ends at once.
std::string unknown_service(const Configuration &configuration) {
    for (const auto &relayhost : configuration.relayhosts()) {
        const auto found = configuration.service_ports.find(relayhost.service);
        if (found != configuration.service_ports.end() && found->second == 0) {
            return fmt::format(R"(relayhost "{}": /etc/services has no TCP service "{}")",
                               relayhost.written, relayhost.service);
        }
    }
    return "";
}

std::optional<Finding> malformed(const Configuration &configuration, const Repair &repair) {
    const auto parsed = parse_relayhosts(next_hop_of(configuration));
    std::string evidence = parsed ? unknown_service(configuration) : parsed.error().message();
    if (evidence.empty()) {
        return std::nullopt;
    }
    return Finding{"relayhost_malformed",
                   Area::kConfig,
                   Severity::kCrit,
                   "Postfix cannot use relayhost: mail stays in the queue",
                   std::move(evidence),
                   {repair.set("relayhost", "[smtp.example.org]:587") + "  # the host of yours",
                    repair.reload()}};
}

bool lacks_brackets(const Relayhost &relayhost) {
    return relayhost.mx_lookup && !relayhost.is_address &&
           (contains(kSubmissionPorts, relayhost.port) || is_submission_host(relayhost.host));
}

std::optional<Finding> brackets(const Configuration &configuration, const Repair &repair) {
    std::string repaired;
    std::string evidence;
    for (const auto &relayhost : configuration.relayhosts()) {
        repaired += repaired.empty() ? "" : ", ";
        if (lacks_brackets(relayhost)) {
            repaired += in_brackets(relayhost);
            evidence += evidence.empty() ? "relayhost = " : ", ";
            evidence += relayhost.written;
        } else {
            repaired += relayhost.written;
        }
    }
    if (evidence.empty() || next_hop_of(configuration) != configuration.get("relayhost")) {
        return std::nullopt;
    }
    std::vector<std::string> fix{repair.set("relayhost", repaired)};
    if (configuration.smtp_client_is_yes("smtp_sasl_auth_enable")) {
        fix.emplace_back("# write the credentials map's key in the same form and postmap it");
    }
    fix.push_back(repair.reload());
    return Finding{"relayhost_lacks_brackets",
                   Area::kConfig,
                   Severity::kWarn,
                   "relayhost names a host without brackets: Postfix asks for its MX and may "
                   "deliver to another host",
                   evidence,
                   fix};
}

/// A relay of one's own network may well take addresses that mean nothing elsewhere.
bool is_public_relay(const Relayhost &relayhost) {
    return !relayhost.is_address && !is_private_domain(relayhost.host);
}

std::optional<Finding> generic_map(const Configuration &configuration, const ConfigFacts &facts,
                                   const Repair &repair) {
    const auto relayhosts = configuration.relayhosts();
    if (!std::any_of(relayhosts.begin(), relayhosts.end(), is_public_relay) ||
        !is_private_domain(configuration.get("myhostname"))) {
        return std::nullopt;
    }
    // Whatever gives local senders another domain is enough; an unknown origin is no fault.
    const bool has_public_origin = facts.origin.empty() || !is_private_domain(facts.origin);
    const auto rewriters = {"smtp_generic_maps", "sender_canonical_maps", "canonical_maps"};
    const bool is_rewritten =
        std::any_of(rewriters.begin(), rewriters.end(),
                    [&](const char *name) { return !configuration.smtp_client(name).empty(); });
    if (has_public_origin || is_rewritten) {
        return std::nullopt;
    }
    const TableName table = repair.table_of_default_type("generic");
    return Finding{
        "generic_map_missing",
        Area::kConfig,
        Severity::kWarn,
        "Senders have a domain that is not valid outside: the relay or the recipient may refuse",
        fmt::format("myhostname = {}, myorigin = {}, smtp_generic_maps is empty",
                    configuration.get("myhostname"), facts.origin),
        {fmt::format("echo {} >>{}  # an address of yours",
                     shell_quote(fmt::format("@{} you@example.org", facts.origin)),
                     shell_quote(table.name)),
         repair.build(table), repair.set("smtp_generic_maps", printable(table)), repair.reload()}};
}

/// "all" or an address that others reach; what a host name stands for is not known.
bool is_surely_reachable(std::string_view interface) {
    const bool is_literal = interface.find_first_not_of("0123456789.") == std::string_view::npos ||
                            interface.find(':') != std::string_view::npos;
    return interface == "all" || (is_literal && !is_loopback(interface));
}

/// Mail for this very host and no other: a domain in mydestination would be meant to receive.
bool is_own_name(const Configuration &configuration, std::string_view name) {
    const std::string_view host = configuration.get("myhostname");
    const bool is_short_name = name.find('.') == std::string_view::npos && host.starts_with(name) &&
                               (host.size() == name.size() || host[name.size()] == '.');
    return name == host || is_short_name || name.starts_with("localhost");
}

/// Nobody but this host may use it, and it receives for nobody but this host.
bool serves_this_host_alone(const Configuration &configuration) {
    for (const auto *name : {"relay_domains", "virtual_alias_domains", "virtual_mailbox_domains",
                             "virtual_alias_maps", "virtual_mailbox_maps", "transport_maps"}) {
        if (!configuration.get(name).empty()) {
            return false;
        }
    }
    if (configuration.is_yes("smtpd_sasl_auth_enable")) {
        return false;
    }
    const auto destinations = split_list(configuration.get("mydestination"));
    if (!std::all_of(destinations.begin(), destinations.end(),
                     [&](const auto &name) { return is_own_name(configuration, name); })) {
        return false;
    }
    // Its default depends on mynetworks_style: only "host" means this host alone.
    const auto networks = split_list(configuration.get("mynetworks"));
    return networks.empty() ? configuration.get("mynetworks_style") == "host"
                            : std::all_of(networks.begin(), networks.end(), [](std::string_view n) {
                                  return n.starts_with("127.") || n.starts_with("[::1]") ||
                                         n.starts_with("[::ffff:127.") || n == "::1/128";
                              });
}

std::optional<Finding> exposed(const Configuration &configuration, const ConfigFacts &facts,
                               const Repair &repair) {
    const auto interfaces = split_list(configuration.get("inet_interfaces"));
    const bool is_reachable =
        facts.role == Role::kGateway &&
        std::any_of(interfaces.begin(), interfaces.end(), is_surely_reachable);
    const std::string service = reachable_smtp_service(configuration);
    if (!is_reachable || (service != "smtp" && service != "25") ||
        !serves_this_host_alone(configuration)) {
        return std::nullopt;
    }
    return Finding{
        "port25_exposed",
        Area::kConfig,
        Severity::kWarn,
        "Port 25 listens to the network although only this host sends mail here",
        fmt::format("inet_interfaces = {}, mydestination = {}",
                    configuration.get("inet_interfaces"), configuration.get("mydestination")),
        {repair.set("inet_interfaces", "loopback-only"), repair.restart()}};
}

}  // namespace

bool is_submission_host(std::string_view host) {
    const std::string wanted = lower(host);
    return std::any_of(
        kSubmissionHosts.begin(), kSubmissionHosts.end(), [&](std::string_view known) {
            return known.starts_with('.') ? wanted.ends_with(known) : wanted == known;
        });
}

bool is_private_domain(std::string_view domain) {
    const std::string wanted = lower(domain);
    return wanted.find('.') == std::string::npos ||
           std::any_of(kPrivateDomains.begin(), kPrivateDomains.end(),
                       [&](std::string_view known) { return wanted.ends_with(known); });
}

Findings diagnose_relayhost(const Configuration &configuration, const ConfigFacts &facts,
                            const Repair &repair) {
    Findings findings;
    for (auto &finding :
         {malformed(configuration, repair), brackets(configuration, repair),
          generic_map(configuration, facts, repair), exposed(configuration, facts, repair)}) {
        if (finding) {
            findings.push_back(*finding);
        }
    }
    return findings;
}

}  // namespace mail_relay
