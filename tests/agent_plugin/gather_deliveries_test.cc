#include "agent_plugin/gather_deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kNow = 1795255325;  // 2026-11-21T10:02:05Z

class GatherDeliveriesTest : public testing::Test {
  protected:
    GatherDeliveriesTest() {
        std::array<char, 32> name{"/tmp/deliveries_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        state_ = folder_ / "state";
        log_ = folder_ / "maillog";
        instance_.name = "postfix";
        instance_.config_directory = "/etc/postfix";
        configuration_.parameters["maillog_file"] = log_.string();
        configuration_.parameters["syslog_name"] = "postfix";
    }
    ~GatherDeliveriesTest() override { fs::remove_all(folder_); }

    void log(int sent) {
        std::ofstream out(log_, std::ios::app);
        for (int i = 0; i < sent; ++i) {
            out << "2026-11-21T10:02:05Z h postfix/smtp[1]: AAAAAA1: to=<a@b>, relay=x[192.0.2.1]:"
                   "25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\n";
        }
    }

    DeliveryFacts gather() const {
        return gather_deliveries(FileTree(), configuration_, instance_, settings_, {},
                                 state_.string(), Deadline::in(std::chrono::minutes(1)), kNow);
    }

    fs::path state_file() const { return fs::directory_iterator(state_)->path(); }

    fs::path folder_;
    fs::path state_;
    fs::path log_;
    Instance instance_;
    Configuration configuration_;
    Settings settings_;
};

TEST_F(GatherDeliveriesTest, CountersGoOnFromRunToRun) {
    log(2);
    EXPECT_EQ(gather().record.totals.sent, 2U);
    log(3);
    EXPECT_EQ(gather().record.totals.sent, 5U);
    const DeliveryFacts facts = gather();
    EXPECT_EQ(facts.record.totals.sent, 5U);
    EXPECT_EQ(facts.lines, 0U);
    EXPECT_EQ(facts.record.counters_since, kNow);
    EXPECT_EQ(facts.found_by, "maillog_file");
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherDeliveriesTest, DamagedStateIsSetAsideAndReported) {
    log(2);
    gather();
    std::ofstream(state_file()) << "[1,";
    const DeliveryFacts facts = gather();
    EXPECT_EQ(facts.record.totals.sent, 2U);
    ASSERT_THAT(facts.problems, SizeIs(1));
    EXPECT_THAT(facts.problems[0].error, HasSubstr("set aside"));
    EXPECT_THAT(gather().problems, IsEmpty());
}

TEST_F(GatherDeliveriesTest, InstancesDoNotShareCounters) {
    log(2);
    gather();
    instance_.name = "postfix-out";
    instance_.config_directory = "/etc/postfix-out";
    configuration_.parameters["syslog_name"] = "postfix-out";
    EXPECT_EQ(gather().record.totals.sent, 0U);
}

TEST_F(GatherDeliveriesTest, AServiceMayLogUnderAnotherName) {
    MasterService service;
    service.overrides["syslog_name"] = "outgoing";
    configuration_.services.push_back(service);
    std::ofstream(log_) << "2026-11-21T10:02:05Z h outgoing/smtp[1]: AAAAAA1: to=<a@b>, relay=x, "
                           "delay=1, dsn=2.0.0, status=sent (ok)\n";
    EXPECT_EQ(gather().record.totals.sent, 1U);
}

TEST_F(GatherDeliveriesTest, WithoutStateDirectoryEveryRunIsAFirstOne) {
    log(2);
    state_.clear();
    EXPECT_EQ(gather().record.totals.sent, 2U);
    EXPECT_EQ(gather().record.totals.sent, 2U);
}

TEST_F(GatherDeliveriesTest, AStateDirectoryOfOthersIsAProblemButTheLogIsRead) {
    log(1);
    fs::create_directory(state_);
    fs::permissions(state_, fs::perms::all);
    const DeliveryFacts facts = gather();
    EXPECT_EQ(facts.record.totals.sent, 1U);
    ASSERT_THAT(facts.problems, SizeIs(1));
    EXPECT_EQ(facts.problems[0].what, "state");
}

TEST_F(GatherDeliveriesTest, AFileOfAnotherFormIsAProblem) {
    std::ofstream(log_) << "nothing\nof\nthis\nis a log\n";
    ASSERT_THAT(gather().problems, SizeIs(1));
    EXPECT_THAT(gather().problems, IsEmpty()) << "nothing new was read";
}

TEST_F(GatherDeliveriesTest, ALogThatRotationTookAwayStaysTheSource) {
    configuration_.parameters["maillog_file"] = "";
    settings_.log = log_.string();
    log(1);
    gather();
    fs::rename(log_, folder_ / "maillog.1");
    const DeliveryFacts facts = gather();
    EXPECT_EQ(facts.source.path, log_.string());
    EXPECT_EQ(facts.record.totals.sent, 1U);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherDeliveriesTest, NoneMeansNone) {
    settings_.log = "none";
    log(1);
    const DeliveryFacts facts = gather();
    EXPECT_EQ(facts.source.kind, LogSource::Kind::kNone);
    EXPECT_EQ(facts.record.totals.sent, 0U);
}

}  // namespace
}  // namespace mail_relay
