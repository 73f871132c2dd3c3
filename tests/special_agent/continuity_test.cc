#include "special_agent/continuity.h"

#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

constexpr auto kOk = Health::kOk;
constexpr auto kFailing = Health::kFailing;
constexpr auto kUnknown = Health::kUnknown;

struct Case {
    const char *name;
    std::vector<Health> internal;
    std::vector<Health> external;
    Continuity verdict;
};

class JudgeContinuity : public testing::TestWithParam<Case> {};

TEST_P(JudgeContinuity, OverAllLoops) {
    std::vector<LoopHealth> loops;
    for (const Health state : GetParam().internal) {
        loops.push_back({"i", LoopKind::kInternal, state, ""});
    }
    for (const Health state : GetParam().external) {
        loops.push_back({"e", LoopKind::kExternal, state, ""});
    }
    EXPECT_EQ(continuity_name(judge_continuity(loops)), continuity_name(GetParam().verdict));
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, JudgeContinuity,
    testing::Values(
        Case{"AllOk", {kOk}, {kOk}, Continuity::kHealthy},
        Case{"ExternalFails", {kOk}, {kFailing}, Continuity::kDeliverabilityIssue},
        Case{"OneOfTwoExternalFails", {kOk}, {kOk, kFailing}, Continuity::kDeliverabilityIssue},
        Case{"InternalFails", {kFailing}, {kOk}, Continuity::kLocalInfrastructureIssue},
        Case{"BothPartly", {kOk, kFailing}, {kFailing}, Continuity::kLocalInfrastructureIssue},
        Case{"NothingWorks", {kFailing, kFailing}, {kFailing}, Continuity::kTotalOutage},
        Case{"OnlyInternal", {kOk}, {}, Continuity::kNotEnoughData},
        Case{"OnlyExternal", {}, {kFailing}, Continuity::kNotEnoughData},
        Case{"UnknownSaysNothing", {kOk}, {kUnknown}, Continuity::kNotEnoughData},
        Case{"UnknownBesideOk", {kOk, kUnknown}, {kOk}, Continuity::kHealthy},
        Case{"None", {}, {}, Continuity::kNotEnoughData}),
    [](const auto &tested) { return tested.param.name; });

}  // namespace
}  // namespace mail_relay::roundtrip
