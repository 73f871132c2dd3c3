#include "special_agent/continuity.h"

#include <algorithm>

namespace mail_relay::roundtrip {

namespace {

struct Count {
    std::ptrdiff_t ok = 0;
    std::ptrdiff_t failing = 0;

    bool says_something() const { return ok + failing > 0; }
};

Count count(const std::vector<LoopHealth> &loops, LoopKind kind) {
    const auto with_state = [&](Health state) {
        return std::count_if(loops.begin(), loops.end(), [&](const LoopHealth &loop) {
            return loop.kind == kind && loop.state == state;
        });
    };
    return {with_state(Health::kOk), with_state(Health::kFailing)};
}

}  // namespace

Continuity judge_continuity(const std::vector<LoopHealth> &loops) {
    const Count internal = count(loops, LoopKind::kInternal);
    const Count external = count(loops, LoopKind::kExternal);
    if (!internal.says_something() || !external.says_something()) {
        return Continuity::kNotEnoughData;
    }
    if (internal.failing + external.failing == 0) {
        return Continuity::kHealthy;
    }
    if (internal.ok + external.ok == 0) {
        return Continuity::kTotalOutage;
    }
    return internal.failing == 0 ? Continuity::kDeliverabilityIssue
                                 : Continuity::kLocalInfrastructureIssue;
}

std::string_view continuity_name(Continuity continuity) {
    switch (continuity) {
        case Continuity::kHealthy:
            return "healthy";
        case Continuity::kDeliverabilityIssue:
            return "deliverability_issue";
        case Continuity::kLocalInfrastructureIssue:
            return "local_infrastructure_issue";
        case Continuity::kTotalOutage:
            return "total_outage";
        case Continuity::kNotEnoughData:
            return "not_enough_data";
    }
    return "not_enough_data";
}

std::string_view health_name(Health state) {
    switch (state) {
        case Health::kOk:
            return "ok";
        case Health::kFailing:
            return "failing";
        case Health::kUnknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace mail_relay::roundtrip
