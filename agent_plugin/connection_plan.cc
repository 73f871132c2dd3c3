#include "agent_plugin/connection_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent_plugin/fact_cache.h"
#include "agent_plugin/next_hop.h"
#include "agent_plugin/word_list.h"
#include "common/hosts_file.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostRelays = 8;

/// The only address of a family that Postfix listens on is the one it sends from, too.
/// Source: Postfix src/smtp/smtp_connect.c (smtp_connect_addr).
std::string only_interface(const Configuration &configuration, bool ipv6) {
    std::string only;
    for (const auto &word : split_list(configuration.smtp_client("inet_interfaces"))) {
        const auto address = canonical_address(word.substr(0, word.find('/')));
        if (address.empty()) {
            return "";  // "all", or names that stand for we do not know what
        }
        if (is_ipv6(address) == ipv6) {
            if (!only.empty()) {
                return "";
            }
            only = address;
        }
    }
    const bool is_loopback = only.starts_with("127.") || only == "::1";
    return is_loopback ? "" : only;
}

std::string bind_address(const Configuration &configuration, bool ipv6) {
    const auto set = configuration.smtp_client(ipv6 ? "smtp_bind_address6" : "smtp_bind_address");
    return set.empty() ? only_interface(configuration, ipv6) : canonical_address(set);
}

RelayPlan plan_relay(const Configuration &configuration, const Relayhost &relayhost,
                     const RelayhostLevel &level) {
    RelayPlan plan;
    plan.tls = tls_peer(configuration, level);
    plan.resolver = relay_resolver(configuration);
    plan.resolver.asks_for_dnssec = level.level == TlsLevel::kDane ||
                                    level.level == TlsLevel::kDaneOnly ||
                                    level.level == TlsLevel::kHalfDane;
    RelayLook &relay = plan.relay;
    relay.relayhost = relayhost.written;
    relay.server = relayhost.host;
    relay.port = relayhost.port;
    relay.mx_lookup = relayhost.mx_lookup && !relayhost.is_address && plan.resolver.dns;
    relay.tls_mode = plan.tls.mode;
    relay.level = level.level;
    return plan;
}

void plan_relayhosts(const Configuration &configuration, const TlsPolicies &policies,
                     ConnectionPlan &plan) {
    const auto relayhosts = configuration.relayhosts();
    for (const Relayhost &relayhost : relayhosts) {
        if (relayhost.port == 0) {
            plan.problems.push_back(
                {"relays", fmt::format("{}: the port of service \"{}\" is not known",
                                       relayhost.written, relayhost.service)});
            continue;
        }
        if (plan.relays.size() == kMostRelays) {
            plan.problems.push_back({"relays", fmt::format("of {} relayhosts only {} are looked at",
                                                           relayhosts.size(), kMostRelays)});
            return;
        }
        RelayhostLevel level;
        const auto found =
            std::find_if(policies.levels.begin(), policies.levels.end(),
                         [&](const auto &known) { return known.relayhost == relayhost.written; });
        if (found != policies.levels.end()) {
            level = *found;
        }
        plan.relays.push_back(plan_relay(configuration, relayhost, level));
    }
}

void plan_direct(const Configuration &configuration, const std::string &direct_mx,
                 ConnectionPlan &plan) {
    if (direct_mx.empty()) {
        plan.skipped =
            "mail is delivered to the recipients' own servers, and direct_mx names none to look at";
        return;
    }
    const auto target = parse_relayhost(direct_mx);
    if (!target) {
        plan.problems.push_back({"direct_mx", target.error().message()});
        return;
    }
    RelayhostLevel level;
    level.level = configured_tls_level(configuration).effective;
    auto direct = plan_relay(configuration, *target, level);
    direct.relay.is_direct = true;
    plan.relays.push_back(std::move(direct));
}

}  // namespace

ConnectionPlan plan_connection(const Configuration &configuration, const TlsPolicies &policies,
                               const std::string &direct_mx) {
    ConnectionPlan plan;
    const auto helo = configuration.smtp_client("smtp_helo_name");
    plan.helo = helo.empty() ? configuration.get("myhostname") : helo;
    plan.bind_ipv4 = bind_address(configuration, false);
    plan.bind_ipv6 = bind_address(configuration, true);
    const auto next_hop = next_hop_of(configuration);
    const MasterService *const service = configuration.delivery_service();
    if (service != nullptr && service->command != "smtp") {
        plan.skipped = fmt::format("default_transport {} is no smtp client", service->name);
        return plan;
    }
    if (next_hop.empty()) {
        plan_direct(configuration, direct_mx, plan);
        return plan;
    }
    if (const auto parsed = parse_relayhosts(next_hop); !parsed) {
        plan.skipped = parsed.error().message();
        return plan;
    }
    plan_relayhosts(configuration, policies, plan);
    return plan;
}

std::string plan_identity(const ConnectionPlan &plan, const FileTree &files) {
    std::string text = fmt::format("{} {} {}", plan.helo, plan.bind_ipv4, plan.bind_ipv6);
    for (const auto &[relay, tls, resolver] : plan.relays) {
        text += fmt::format(" | {} {} {} {} {} {} {} {}", relay.relayhost, relay.port,
                            relay.mx_lookup, static_cast<int>(relay.tls_mode),
                            relay.level ? tls_level_name(*relay.level) : "-", relay.is_direct,
                            tls.required, tls.trust_required);
        text += fmt::format(" {} {} {} {} {} {}", fmt::join(tls.match, ":"), tls.server_name,
                            fmt::join(tls.offer.protocols, ","), tls.offer.ciphers, tls.trust.depth,
                            tls.trust.default_ca);
        text += fmt::format(" {} {} {} {} {}", resolver.dns, resolver.native,
                            static_cast<int>(resolver.family), static_cast<int>(resolver.preferred),
                            resolver.ignores_mx_errors);
        auto paths = tls.trust.more_ca_files;
        paths.insert(paths.end(),
                     {tls.trust.ca_file, tls.trust.ca_path, tls.offer.certificate_file,
                      tls.offer.key_file, resolver.etc + "/resolv.conf", resolver.etc + "/hosts"});
        for (const auto &path : paths) {
            text += path.empty() ? " -" : fmt::format(" {} {}", path, identity_at(files, path));
        }
    }
    return text;
}

}  // namespace mail_relay
