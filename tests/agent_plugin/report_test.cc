#include "agent_plugin/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

namespace mail_relay {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t kNow = 1795246145;

TEST(Report, GroupsInstancesBySectionInTheOrderOfAnnouncement) {
    Report report;
    for (const char *instance : {"postfix", "postfix-out"}) {
        report.expect("mail_relay_service", instance);
        report.expect("mail_relay_queue", instance);
    }
    report.add("mail_relay_queue", "postfix-out", {{"n", 4}});
    report.add("mail_relay_queue", "postfix", {{"n", 2}});
    report.add("mail_relay_service", "postfix", {{"n", 1}});
    report.add("mail_relay_service", "postfix-out", {{"n", 3}});
    report.close();
    EXPECT_EQ(report.wait_and_render(Deadline::in(std::chrono::seconds(10)), kNow),
              "<<<mail_relay_service:sep(0)>>>\n{\"n\":1}\n{\"n\":3}\n"
              "<<<mail_relay_queue:sep(0)>>>\n{\"n\":2}\n{\"n\":4}\n");
}

TEST(Report, WhatIsLateIsAProblemAndTheRestComesOut) {
    Report report;
    report.expect("mail_relay_service", "postfix");
    report.expect("mail_relay_queue", "postfix");
    report.add("mail_relay_service", "postfix", {{"n", 1}});
    const std::string text =
        report.wait_and_render(Deadline::in(std::chrono::milliseconds(10)), kNow);
    EXPECT_THAT(text, HasSubstr("{\"n\":1}"));
    EXPECT_THAT(text, HasSubstr("\"what\":\"mail_relay_queue\",\"error\":\"the look was not "
                                "finished when the time of the run was over\""));
}

TEST(Report, WhatIsLateIsNamedByItsOwnKindOfItem) {
    Report report;
    report.expect("mail_relay_notifications", "mysite", "site");
    EXPECT_THAT(report.wait_and_render(Deadline::in(std::chrono::milliseconds(10)), kNow),
                HasSubstr("{\"site\":\"mysite\",\"time\":1795246145,"));
}

TEST(Report, DoesNotWaitLongerThanTheWork) {
    Report report;
    report.expect("mail_relay_service", "postfix");
    std::thread worker([&] {
        report.add("mail_relay_service", "postfix", {{"n", 1}});
        report.close();
    });
    EXPECT_THAT(report.wait_and_render(Deadline::in(std::chrono::hours(1)), kNow),
                StartsWith("<<<mail_relay_service"));
    worker.join();
}

TEST(Report, NothingAnnouncedIsNothingPrinted) {
    Report report;
    report.close();
    EXPECT_EQ(report.wait_and_render(Deadline::in(std::chrono::seconds(1)), kNow), "");
}

}  // namespace
}  // namespace mail_relay
