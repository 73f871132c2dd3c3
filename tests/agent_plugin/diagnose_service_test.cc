#include "agent_plugin/diagnose_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kMegabyte = 1'000'000;

ServiceFacts healthy() {
    ServiceFacts facts;
    facts.master.running = true;
    facts.distribution = parse_os_release("ID=debian\n");
    facts.spool = SpoolSpace{.total_bytes = 100'000 * kMegabyte,
                             .free_bytes = 50'000 * kMegabyte,
                             .total_inodes = 1'000'000,
                             .free_inodes = 900'000,
                             .queue_minfree = 0,
                             .message_size_limit = 10'240'000};
    return facts;
}

Findings diagnose(const ServiceFacts &facts,
                  const Instance &instance = {"postfix", "/etc/postfix"}) {
    return diagnose_service(instance, facts, "/var/spool/postfix");
}

std::vector<std::string> ids(const Findings &findings) {
    std::vector<std::string> names;
    for (const auto &finding : findings) {
        names.push_back(finding.id);
    }
    return names;
}

TEST(DiagnoseService, AHealthyInstanceHasNoFinding) {
    EXPECT_THAT(diagnose(healthy()), IsEmpty());
}

TEST(DiagnoseService, AStoppedDefaultInstanceIsCritical) {
    auto facts = healthy();
    facts.master.running = false;
    const auto findings = diagnose(facts);
    ASSERT_THAT(ids(findings), ElementsAre("master_down"));
    EXPECT_EQ(findings[0].severity, Severity::kCrit);
    EXPECT_EQ(findings[0].area, Area::kService);
    EXPECT_THAT(findings[0].evidence, HasSubstr("/var/spool/postfix/pid/master.pid"));
    EXPECT_THAT(findings[0].fix, ElementsAre("systemctl restart postfix"));
}

TEST(DiagnoseService, AStoppedEnabledInstanceIsStartedByPostmulti) {
    auto facts = healthy();
    facts.master.running = false;
    const auto findings = diagnose(facts, {"postfix-out", "/etc/postfix-out", false, true});
    ASSERT_THAT(ids(findings), ElementsAre("instance_down"));
    EXPECT_THAT(findings[0].fix, ElementsAre("postmulti -i postfix-out -p start"));
}

TEST(DiagnoseService, ADisabledInstanceMayBeStopped) {
    auto facts = healthy();
    facts.master.running = false;
    EXPECT_THAT(diagnose(facts, {"postfix-out", "/etc/postfix-out", false, false}), IsEmpty());
    EXPECT_THAT(diagnose(facts, {"postfix", "/etc/postfix", true, false}), IsEmpty());
}

TEST(DiagnoseService, UnknownIsNotDownAndNotFull) {
    ServiceFacts facts;
    EXPECT_THAT(diagnose(facts), IsEmpty());
}

struct SpaceCase {
    const char *name;
    SpoolSpace spool;
    bool full;
};

class SpoolTest : public testing::TestWithParam<SpaceCase> {};

TEST_P(SpoolTest, IsComparedWithWhatPostfixWants) {
    auto facts = healthy();
    facts.spool = GetParam().spool;
    EXPECT_EQ(!diagnose(facts).empty(), GetParam().full);
}

INSTANTIATE_TEST_SUITE_P(
    Spaces, SpoolTest,
    testing::Values(
        SpaceCase{"JustEnough", {0, 15'360'000, 0, 0, 0, 10'240'000}, false},
        SpaceCase{"TooLittleForTheLargestMessage", {0, 15'359'999, 0, 0, 0, 10'240'000}, true},
        SpaceCase{"LessThanQueueMinfree", {0, 90'000'000, 0, 0, 100'000'000, 10'240'000}, true},
        SpaceCase{"NoSizeLimit", {0, 16'000'000, 0, 0, 0, 0}, false},
        SpaceCase{"NoSizeLimitAndFull", {0, 1'000'000, 0, 0, 0, 0}, true},
        SpaceCase{"EnormousSizeLimit", {0, 16'000'000, 0, 0, 0, INT64_MAX}, false},
        SpaceCase{"UnknownLimits", {0, 16'000'000, 0, 0, std::nullopt, std::nullopt}, false},
        SpaceCase{"FewInodes", {0, 1'000'000'000, 500'000, 999, 0, 10'240'000}, true},
        SpaceCase{"EnoughInodes", {0, 1'000'000'000, 500'000, 1000, 0, 10'240'000}, false},
        SpaceCase{"FileSystemWithoutInodes", {0, 1'000'000'000, 0, 0, 0, 10'240'000}, false}),
    [](const auto &row) { return row.param.name; });

TEST(DiagnoseService, AFullSpoolNamesTheDistributionsRemedy) {
    auto facts = healthy();
    facts.spool->free_bytes = 1'048'576;
    const auto findings = diagnose(facts);
    ASSERT_THAT(ids(findings), ElementsAre("spool_nearly_full"));
    EXPECT_EQ(findings[0].evidence, "/var/spool/postfix: 1.0 MiB free, 14.6 MiB wanted");
    EXPECT_THAT(findings[0].fix,
                ElementsAre("df -h /var/spool/postfix; df -i /var/spool/postfix", "apt clean"));
    facts.distribution = parse_os_release("ID=rocky\n");
    EXPECT_EQ(diagnose(facts)[0].fix[1], "dnf clean all");
}

}  // namespace
}  // namespace mail_relay
