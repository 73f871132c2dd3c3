#include "agent_plugin/diagnose_deferrals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/queue_settings.h"
#include "agent_plugin/relay_advice.h"
#include "agent_plugin/repair.h"

namespace mail_relay {

namespace {

// Fewer messages than this say nothing about port 25.
constexpr std::uint64_t kBlockedMessages = 3;

class DeferralsDiagnosis {
  public:
    DeferralsDiagnosis(const QueueFacts &facts, const Configuration &configuration,
                       const Instance &instance, const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          settings_(queue_settings(configuration)),
          distribution_(distribution),
          repair_(instance, configuration) {}

    Findings run() {
        direct_delivery_blocked();
        ipv6_no_route();
        mechanism_mismatch();
        return std::move(findings_);
    }

  private:
    void add(std::string_view id, Severity severity, std::string summary, std::string evidence,
             std::vector<std::string> fix) {
        findings_.push_back({std::string(id), Area::kQueue, severity, std::move(summary),
                             std::move(evidence), std::move(fix)});
    }

    /// The deferred messages that failed in this way; nullptr for none.
    const DeferralReason *reason_of(FailureClass failure) const {
        const auto found = std::find_if(
            facts_.reasons.begin(), facts_.reasons.end(),
            [&](const DeferralReason &candidate) { return candidate.failure == failure; });
        return found == facts_.reasons.end() ? nullptr : &*found;
    }

    void ipv6_no_route() {
        const DeferralReason *reason = reason_of(FailureClass::kUnreachableIpv6);
        if (reason != nullptr && settings_.ipv6_enabled) {
            add("ipv6_no_route", Severity::kWarn,
                "Postfix tries IPv6, but this host has no way out over IPv6", evidence_of(*reason),
                {repair_.set("inet_protocols", "ipv4"), repair_.restart(), repair_.flush()});
        }
    }

    /// Only the relay knows what it offers: a filter that excludes it shows in what was deferred.
    void mechanism_mismatch() {
        const DeferralReason *reason = reason_of(FailureClass::kSaslMechanismMismatch);
        const std::string_view filter = configuration_.smtp_client("smtp_sasl_mechanism_filter");
        if (reason != nullptr && !filter.empty()) {
            add("mechanism_mismatch", Severity::kCrit,
                fmt::format("smtp_sasl_mechanism_filter = {} leaves nothing that the relay offers: "
                            "the smtp client cannot log on",
                            filter),
                evidence_of(*reason),
                {repair_.remove("smtp_sasl_mechanism_filter"), repair_.reload(), repair_.flush()});
        }
    }

    void direct_delivery_blocked() {
        if (!settings_.relayhost.empty()) {
            return;
        }
        std::uint64_t blocked = 0;
        std::uint64_t all = 0;
        std::string sample;
        for (const DeferralReason &reason : facts_.reasons) {
            all += reason.messages;
            const bool no_connection = reason.failure == FailureClass::kTimeout ||
                                       reason.failure == FailureClass::kRefused;
            if (no_connection && reason.sample.find("]:25: ") != std::string::npos) {
                blocked += reason.messages;
                sample = sample.empty() ? reason.sample : sample;
            }
        }
        if (blocked >= kBlockedMessages && blocked * 2 > all) {
            add("direct_delivery_blocked", Severity::kCrit,
                "Other mail servers cannot be reached on port 25, which many providers block: mail "
                "has to go through a relayhost",
                fmt::format("{}: {}", messages(blocked), sample),
                relay_advice(repair_, configuration_, distribution_));
        }
    }

    const QueueFacts &facts_;
    const Configuration &configuration_;
    const QueueSettings settings_;
    const Distribution &distribution_;
    const Repair repair_;
    Findings findings_;
};

}  // namespace

std::string messages(std::uint64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "message" : "messages");
}

std::string evidence_of(const DeferralReason &reason) {
    return reason.sample.empty()
               ? fmt::format("{} without a defer log that says why", messages(reason.messages))
               : fmt::format("{}: {}", messages(reason.messages), reason.sample);
}

Findings diagnose_deferrals(const QueueFacts &facts, const Configuration &configuration,
                            const Instance &instance, const Distribution &distribution) {
    return DeferralsDiagnosis(facts, configuration, instance, distribution).run();
}

}  // namespace mail_relay
