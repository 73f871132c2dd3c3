#include "agent_plugin/diagnose_sasl.h"

#include "agent_plugin/diagnose_credentials.h"
#include "agent_plugin/diagnose_mechanisms.h"

namespace mail_relay {

bool is_meant_to_authenticate(const SaslFacts &facts) {
    return facts.auth_enabled == true && !facts.credentials.maps.empty();
}

Findings diagnose_sasl(const SaslFacts &facts, const Configuration &configuration,
                       const Distribution &distribution, std::int64_t /*now*/) {
    Findings findings;
    if (is_meant_to_authenticate(facts)) {
        findings = diagnose_mechanisms(facts, configuration, distribution);
    }
    const auto more = diagnose_credentials(facts, configuration, distribution);
    findings.insert(findings.end(), more.begin(), more.end());
    return findings;
}

}  // namespace mail_relay
