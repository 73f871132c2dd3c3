#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay::roundtrip {

enum class LoopKind { kInternal, kExternal };
enum class Health { kOk, kFailing, kUnknown };

/// What a loop adds to the verdict over all of them.
struct LoopHealth {
    std::string loop;
    LoopKind kind = LoopKind::kInternal;
    Health state = Health::kUnknown;
    std::string reason;  ///< why it is failing or unknown; empty if it is ok
};

/// An internal loop stays inside one's own servers, an external one leaves by the relay and ends in
/// a mailbox elsewhere: together they tell where mail is stuck.
enum class Continuity {
    kHealthy,
    kDeliverabilityIssue,       ///< only external loops fail
    kLocalInfrastructureIssue,  ///< internal ones fail, something still works
    kTotalOutage,               ///< none works
    kNotEnoughData,             ///< one of the two kinds says nothing
};

Continuity judge_continuity(const std::vector<LoopHealth> &loops);

std::string_view continuity_name(Continuity continuity);
std::string_view health_name(Health state);

}  // namespace mail_relay::roundtrip
