#include "special_agent/loop_health.h"

#include <gtest/gtest.h>

namespace mail_relay::roundtrip {
namespace {

/// A loop whose submission and mailbox work and whose first probe has arrived.
LoopResult working_loop() {
    LoopResult result;
    result.definition.name = "external";
    result.definition.kind = LoopKind::kExternal;
    LoopReport report;
    report.mailbox.emplace();
    ProbeLedger &ledger = report.state.ledger;
    ledger.record_arrival({.probe = ledger.record_sent(1'000), .folder = "INBOX"});
    result.outcome = std::move(report);
    return result;
}

LoopState &state_of(LoopResult &result) {
    return std::get<LoopReport>(result.outcome).state;
}

std::string reason_of_failure(const LoopResult &result) {
    const LoopHealth health = judge_loop(result);
    return health.state == Health::kFailing ? health.reason : "not failing";
}

TEST(LoopHealth, IsOkOnceAProbeHasArrived) {
    EXPECT_EQ(judge_loop(working_loop()).state, Health::kOk);
}

TEST(LoopHealth, IsUnknownBeforeTheFirstArrival) {
    LoopResult result = working_loop();
    state_of(result).ledger = {};
    EXPECT_EQ(judge_loop(result).state, Health::kUnknown);
}

TEST(LoopHealth, FailsWhenSeveralProbesInARowStayAway) {
    LoopResult result = working_loop();
    ProbeLedger &ledger = state_of(result).ledger;
    ledger.record_sent(2'000);
    ledger.record_sent(3'000);
    EXPECT_EQ(judge_loop(result).state, Health::kOk);
    const Probe last = ledger.record_sent(4'000);
    EXPECT_EQ(reason_of_failure(result), "the last 3 probes have not arrived");
    ledger.record_arrival({.probe = last, .folder = "INBOX"});
    EXPECT_EQ(judge_loop(result).state, Health::kOk);
}

TEST(LoopHealth, FailsAsLongAsALossIsOpen) {
    LoopResult result = working_loop();
    ProbeLedger &ledger = state_of(result).ledger;
    ledger.record_sent(2'000);
    ledger.declare_lost(10'000, 1'000);
    EXPECT_EQ(reason_of_failure(result), "1 probe lost");
}

TEST(LoopHealth, FailsWhenTheNewestProbeIsInTheJunkFolder) {
    LoopResult result = working_loop();
    state_of(result).deliverability = R"({"folder":{"name":"Spam","role":"junk"}})";
    EXPECT_EQ(reason_of_failure(result), "the newest probe was sorted into the junk folder");
    for (const char *stored : {R"({"folder":{"name":"INBOX","role":"inbox"}})",
                               R"({"folder":null})", R"({"folder":{}})", "half {", ""}) {
        state_of(result).deliverability = stored;
        EXPECT_EQ(judge_loop(result).state, Health::kOk) << stored;
    }
}

TEST(LoopHealth, TellsTheFailureOfTheLastSubmission) {
    LoopResult result = working_loop();
    state_of(result).submission = R"({"failure":{"error":"connect: refused"}})";
    EXPECT_EQ(reason_of_failure(result), "submission: connect: refused");
}

TEST(LoopHealth, TellsTheFailureOfTheMailbox) {
    LoopResult result = working_loop();
    std::get<LoopReport>(result.outcome).mailbox->session.failure =
        Failure{"auth", FailureClass::kAuthFailed, "wrong password", std::nullopt};
    EXPECT_EQ(reason_of_failure(result), "mailbox: wrong password");
}

}  // namespace
}  // namespace mail_relay::roundtrip
