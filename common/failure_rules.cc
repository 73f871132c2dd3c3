#include "common/failure_rules.h"

#include <array>

namespace mail_relay {
namespace {

using enum FailureClass;
using enum Said;

// The first row that matches decides, so the more specific stands above the more general.
constexpr auto kRules = std::to_array<FailureRule>({
    {kUnreachableIpv6, "host6: network is unreachable"},
    {kUnreachableIpv6, "host6: no route to host"},
    {kUnreachableIpv6, "host6: cannot assign requested address"},
    {kUnreachable, "network is unreachable", kHere},
    {kUnreachable, "no route to host", kHere},
    {kUnreachable, "host is down", kHere},
    {kRefused, "host*: connection refused", kHere},
    {kTimeout, "host*: connection timed out", kHere},
    {kTimeout, "host*: operation timed out", kHere},
    {kGreetingTimeout, "while receiving the initial server greeting"},
    {kLostConnection, "timed out while"},
    {kLostConnection, "lost connection with"},
    {kTlsNotOffered, "tls is required, but was not offered"},
    {kTlsNotOffered, "refused to start tls"},
    {kTlsVerify, "server certificate not"},
    {kTlsVerify, "certificate verification failed"},
    {kTlsHandshake, "cannot start tls"},
    {kSaslMechanismMismatch, "offered no supported auth mechanisms"},
    {kSaslMechanismMismatch, "offered no compatible authentication mechanisms"},
    {kSaslNoMechanism, "no worthy mechs found"},
    {kSaslNoMechanism, "no mechanism available"},
    {kResolve, "host or domain name not found"},
    {kResolve, "name service error"},
    {kResolve, "unable to look up host"},
    {kLoop, "loops back to myself"},
    {kLocalDataError, "local data error"},
    {kLocalDataError, "mail transport unavailable"},
    {kBasicAuthDisabled, "5.7.139"},
    {kBasicAuthDisabled, "5.7.30"},
    {kAppPasswordRequired, "5.7.9 application-specific password required"},
    {kAuthRequired, "5.7.57"},
    {kQuota, "daily user sending quota exceeded"},
    {kQuota, "daily user sending limit exceeded"},
    {kQuota, "5.4.5"},
    {kRateLimited, "4.7.28"},
    {kRateLimited, "throttling failure"},
    {kReputation, "5.7.705"},
    {kReputation, "5.7.708"},
    {kReputation, "5.7.26"},
    {kReputation, "client host rejected"},
    {kGreylisted, "greylist*"},
    {kMailboxFull, "mailbox * full"},
    {kMailboxFull, "over quota"},
    {kRelayDenied, "relay access denied"},
    {kRecipientRejected, "user unknown"},
    {kSenderRejected, "sender address rejected"},
    {kAuthFailed, "5.7.8"},
    {kServerError, "try again later"},
});

struct StatusRule {
    std::string_view detail;  ///< status without its first number
    FailureClass failure;
};

// Only asked when no phrase decides: many servers send a wrong status or none.
constexpr auto kStatusRules = std::to_array<StatusRule>({
    {"1.1", kRecipientRejected},
    {"1.7", kSenderRejected},
    {"1.8", kSenderRejected},
    {"2.2", kMailboxFull},
    {"3.4", kMessageTooLarge},
    {"4.6", kLoop},
    {"7.8", kAuthFailed},
});

}  // namespace

std::span<const FailureRule> failure_rules() {
    return kRules;
}

FailureClass failure_by_status(std::string_view status) {
    if (status.size() < 2) return kOther;
    for (const StatusRule &rule : kStatusRules) {
        if (status.substr(2) == rule.detail) return rule.failure;
    }
    return kOther;
}

}  // namespace mail_relay
