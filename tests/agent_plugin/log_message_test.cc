#include "agent_plugin/log_message.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

struct Text {
    const char *name;
    const char *text;
    LogMessageKind kind;
    const char *queue_id;
};

class LogMessageForms : public testing::TestWithParam<Text> {};

TEST_P(LogMessageForms, HasItsKindAndQueueId) {
    const LogMessage message = parse_log_message(GetParam().text);
    EXPECT_EQ(message.kind, GetParam().kind);
    EXPECT_EQ(message.queue_id, GetParam().queue_id);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, LogMessageForms,
    testing::Values(
        Text{"short_id", "B1A2C3D4: removed", LogMessageKind::kRemoved, "B1A2C3D4"},
        Text{"long_id", "4jWkNK3lHJz1cyVd: removed", LogMessageKind::kRemoved, "4jWkNK3lHJz1cyVd"},
        Text{"attempt", "B1A2C3D4: to=<a>, relay=none", LogMessageKind::kAttempt, "B1A2C3D4"},
        Text{"queued", "B1A2C3D4: from=<a@b>, size=1, nrcpt=1 (queue active)",
             LogMessageKind::kQueued, "B1A2C3D4"},
        Text{"expired", "B1A2C3D4: from=<a@b>, status=expired, returned to sender",
             LogMessageKind::kExpired, "B1A2C3D4"},
        Text{"force_expired", "B1A2C3D4: from=<>, status=force-expired, returned to sender",
             LogMessageKind::kExpired, "B1A2C3D4"},
        Text{"bounce", "B1A2C3D4: sender non-delivery notification: C1A2C3D4",
             LogMessageKind::kBounced, "B1A2C3D4"},
        Text{"double_bounce_notice", "B1A2C3D4: postmaster non-delivery notification: C1A2C3D4",
             LogMessageKind::kBounced, "B1A2C3D4"},
        Text{"discarded", "B1A2C3D4: undeliverable postmaster notification discarded",
             LogMessageKind::kDiscarded, "B1A2C3D4"},
        Text{"submitted", "B1A2C3D4: uid=999 from=<site>", LogMessageKind::kSubmitted, "B1A2C3D4"},
        Text{"delay_notice_is_other", "B1A2C3D4: sender delay notification: C1A2C3D4",
             LogMessageKind::kOther, "B1A2C3D4"},
        Text{"no_queue", "NOQUEUE reject: RCPT from x", LogMessageKind::kOther, ""},
        Text{"statistics", "statistics: max connection rate", LogMessageKind::kOther, "statistics"},
        Text{"no_id", "connect to mx.test[192.0.2.1]:25: Connection timed out",
             LogMessageKind::kOther, ""},
        Text{"empty", "", LogMessageKind::kOther, ""},
        Text{"only_id", "B1A2C3D4: ", LogMessageKind::kOther, "B1A2C3D4"},
        Text{"removed_and_more", "B1A2C3D4: removed by hand", LogMessageKind::kOther, "B1A2C3D4"},
        Text{"bad_uid", "B1A2C3D4: uid=9x from=<site>", LogMessageKind::kOther, "B1A2C3D4"},
        Text{"huge_uid", "B1A2C3D4: uid=99999999999 from=<site>", LogMessageKind::kOther,
             "B1A2C3D4"}),
    [](const auto &test) { return std::string(test.param.name); });

TEST(LogMessage, TellsSeverity) {
    EXPECT_EQ(parse_log_message("warning: x").severity, LogSeverity::kWarning);
    EXPECT_EQ(parse_log_message("fatal: x").severity, LogSeverity::kFatal);
    EXPECT_EQ(parse_log_message("panic: x").severity, LogSeverity::kPanic);
    EXPECT_EQ(parse_log_message("error: x").severity, LogSeverity::kError);
    EXPECT_EQ(parse_log_message("B1A2C3D4: warning: header x").severity, LogSeverity::kNone);
}

TEST(LogMessage, ASenderCannotImitateAnExpiry) {
    const LogMessage message = parse_log_message(
        R"(B1A2C3D4: from=<"x>, status=expired, returned to sender"@evil.test>, size=1, nrcpt=1 (queue active))");
    EXPECT_EQ(message.kind, LogMessageKind::kQueued);
}

TEST(LogMessage, AHeaderShownByHeaderChecksIsNothing) {
    const LogMessage message = parse_log_message(
        "B1A2C3D4: warning: header Subject: to=<a>, relay=x, delay=0, dsn=2.0.0, status=sent (x)");
    EXPECT_EQ(message.kind, LogMessageKind::kOther);
}

TEST(LogMessage, KnowsSenderUserAndNotification) {
    EXPECT_EQ(parse_log_message("B1A2C3D4: uid=999 from=<site@h> orig_id=X").uid, 999U);
    EXPECT_EQ(parse_log_message("B1A2C3D4: uid=999 from=<site@h> orig_id=X").sender, "site@h");
    EXPECT_EQ(parse_log_message("B1A2C3D4: from=<a@b>, size=1, nrcpt=1 (queue active)").sender,
              "a@b");
    EXPECT_EQ(parse_log_message("B1A2C3D4: sender non-delivery notification: C1A2C3D4").other_id,
              "C1A2C3D4");
}

}  // namespace
}  // namespace mail_relay
