#include "agent_plugin/service_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch_folder.h"

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view kServices =
    "# submission 1/tcp\n"
    "submission\t587/udp\n"
    "submission\t587/tcp\tmsa\t\t# Submission [RFC4409]\n"
    "odd 99999/tcp\n"
    "odder 12x/tcp\n"
    "alone\n"
    "last 2525/tcp other";

TEST(ServicePort, IsThatOfTheTcpLine) {
    EXPECT_EQ(find_service_port(kServices, "submission"), 587);
    EXPECT_EQ(find_service_port(kServices, "msa"), 587);
    EXPECT_EQ(find_service_port(kServices, "other"), 2525);
}

TEST(ServicePort, IsNoneForWhatIsNotThere) {
    for (const auto *name :
         {"", "sub", "Submission", "587/tcp", "RFC4409", "odd", "odder", "alone"}) {
        EXPECT_EQ(find_service_port(kServices, name), std::nullopt) << name;
    }
    EXPECT_EQ(find_service_port("", "smtp"), std::nullopt);
}

TEST(KnownPort, IsThatOfTheNameOrOneOfItsOtherNames) {
    constexpr std::string_view kKnown = "lmtp=24, smtp=25, smtps=submissions=465, odd, x=, y=z";
    EXPECT_EQ(find_known_port(kKnown, "smtp"), 25);
    EXPECT_EQ(find_known_port(kKnown, "smtps"), 465);
    EXPECT_EQ(find_known_port(kKnown, "submissions"), 465);
    for (const auto *name : {"", "465", "odd", "x", "y", "z", "submission"}) {
        EXPECT_EQ(find_known_port(kKnown, name), std::nullopt) << name;
    }
}

class ServiceNamesTest : public testing::Test, public ScratchFolder {};

TEST_F(ServiceNamesTest, ComeFromPostfixThenFromTheTreeElseFromNowhere) {
    write("etc/services", "submission 1/tcp\nodd 2525/tcp\n");
    Configuration configuration;
    configuration.parameters = {{"relayhost", "[a]:submission, [b]:odd, [c]:none, [d]:587, [e]"},
                                {"known_tcp_ports", "submission=587"}};
    Problems problems;
    resolve_service_names(FileTree(path()), configuration, problems);
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_THAT(configuration.service_ports,
                ElementsAre(Pair("none", 0), Pair("odd", 2525), Pair("submission", 587)));
    EXPECT_EQ(configuration.relayhosts().at(1).port, 2525);
    EXPECT_EQ(configuration.relayhosts().at(4).port, 25);
}

TEST_F(ServiceNamesTest, WithoutTheFileAProblemIsTold) {
    Configuration configuration;
    configuration.parameters = {{"relayhost", "[a]:587"}};
    Problems problems;
    resolve_service_names(FileTree(path()), configuration, problems);
    EXPECT_THAT(problems, IsEmpty());
    configuration.parameters["relayhost"] = "[a]:submission, [b]:odd";
    resolve_service_names(FileTree(path()), configuration, problems);
    EXPECT_THAT(configuration.service_ports, IsEmpty());
    EXPECT_EQ(configuration.relayhosts().at(0).port, 587) << "what every services(5) says";
    EXPECT_EQ(problems.size(), 1U);
}

}  // namespace
}  // namespace mail_relay
