#include "agent_plugin/diagnose_connection.h"

#include <algorithm>
#include <utility>

#include "agent_plugin/diagnose_reachability.h"
#include "agent_plugin/diagnose_relay_offer.h"
#include "agent_plugin/diagnose_resolution.h"
#include "agent_plugin/relay_context.h"

namespace mail_relay {

namespace {

void append(Findings &findings, Findings more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

Finding policy_service_dead(const ConnectionFacts &facts, const Repair &repair) {
    return {"policy_service_dead",
            Area::kConnection,
            Severity::kCrit,
            fmt::format("The TLS policy service {} does not answer: mail is deferred",
                        facts.dead_policy_table),
            facts.policy_error,
            {"systemctl restart postfix-mta-sts-resolver  # or whatever answers there",
             repair.flush()}};
}

/// Relayhosts are tried one after the other, and smtp_fallback_relay when none can be reached.
/// Source: postconf(5), relayhost and smtp_fallback_relay.
std::string_view detour_of(const RelayLook &relay, const ConnectionFacts &facts,
                           const Configuration &configuration) {
    const bool another_works = std::any_of(
        facts.relays.begin(), facts.relays.end(),
        [&](const RelayLook &other) { return &other != &relay && used_address(other) != nullptr; });
    if (another_works) {
        return "another relay";
    }
    return configuration.smtp_client("smtp_fallback_relay").empty() ? "" : "smtp_fallback_relay";
}

}  // namespace

Findings diagnose_connection(const ConnectionFacts &facts, const LoginAbility &ability,
                             const Instance &instance, const Configuration &configuration,
                             const Distribution &distribution, std::int64_t now) {
    Findings findings;
    const Repair repair(instance, configuration);
    if (!facts.dead_policy_table.empty()) {
        findings.push_back(policy_service_dead(facts, repair));
    }
    for (const RelayLook &relay : facts.relays) {
        const RelayContext context{relay,
                                   configuration,
                                   distribution,
                                   instance,
                                   repair,
                                   now,
                                   detour_of(relay, facts, configuration)};
        append(findings, diagnose_resolution(context));
        append(findings, diagnose_reachability(context));
        append(findings, diagnose_relay_offer(context, ability));
    }
    return findings;
}

}  // namespace mail_relay
