#include "agent_plugin/role.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mail_relay {
namespace {

Configuration listening(std::string interfaces, std::vector<MasterService> services) {
    Configuration configuration;
    configuration.parameters = {{"inet_interfaces", std::move(interfaces)},
                                {"default_transport", "smtp"}};
    configuration.services = std::move(services);
    return configuration;
}

MasterService inet(std::string name, std::string command = "smtpd") {
    return {std::move(name), "inet", false, std::move(command), {}};
}

struct Case {
    const char *name;
    std::string interfaces;
    std::string service;
    std::string command;
    bool reachable;
};

class ReachableTest : public testing::TestWithParam<Case> {};

TEST_P(ReachableTest, FollowsInterfacesAndService) {
    const auto &row = GetParam();
    const auto configuration = listening(row.interfaces, {inet(row.service, row.command)});
    EXPECT_EQ(reachable_smtp_service(configuration), row.reachable ? row.service : "");
}

INSTANTIATE_TEST_SUITE_P(
    Services, ReachableTest,
    testing::Values(Case{"Everywhere", "all", "smtp", "smtpd", true},
                    Case{"Postscreen", "all", "smtp", "postscreen", true},
                    Case{"OwnAddress", "127.0.0.1, 192.0.2.1", "smtp", "smtpd", true},
                    Case{"HostName", "mail.example.org, localhost", "smtp", "smtpd", true},
                    Case{"OtherServiceOnItsOwnAddress", "loopback-only", "192.0.2.1:587", "smtpd",
                         true},
                    Case{"OtherServiceEverywhere", "all", "submission", "smtpd", true},
                    Case{"Loopback", "loopback-only", "smtp", "smtpd", false},
                    Case{"Localhost", "localhost", "smtp", "smtpd", false},
                    Case{"LoopbackAddresses", "127.0.0.1 [::1], ::1", "smtp", "smtpd", false},
                    Case{"ServiceOnLoopback", "all", "127.0.0.1:2525", "smtpd", false},
                    Case{"ServiceOnLoopback6", "all", "[::1]:2525", "smtpd", false},
                    Case{"NoSmtpServer", "all", "628", "qmqpd", false}),
    [](const auto &row) { return row.param.name; });

TEST(Reachable, ADisabledServiceIsNot) {
    auto configuration = listening("all", {inet("smtp")});
    for (const auto *disabled : {"inet", "smtp.inet", "smtp/inet", "foo, smtp.inet"}) {
        configuration.parameters["master_service_disable"] = disabled;
        EXPECT_EQ(reachable_smtp_service(configuration), "") << disabled;
    }
    for (const auto *disabled : {"unix", "submission.inet", "smtp.unix", "smtp"}) {
        configuration.parameters["master_service_disable"] = disabled;
        EXPECT_EQ(reachable_smtp_service(configuration), "smtp") << disabled;
    }
}

TEST(Role, IsRelayhostTimesReachability) {
    auto configuration = listening("loopback-only", {inet("smtp")});
    EXPECT_EQ(role_of(configuration), Role::kDirect);
    configuration.parameters["relayhost"] = "[smtp.example.org]";
    EXPECT_EQ(role_of(configuration), Role::kSatellite);
    configuration.parameters["inet_interfaces"] = "all";
    EXPECT_EQ(role_of(configuration), Role::kGateway);
    configuration.parameters["relayhost"] = " ";
    EXPECT_EQ(role_of(configuration), Role::kServer);
}

TEST(Role, ADefaultTransportWithANextHopIsARelay) {
    auto configuration = listening("loopback-only", {inet("smtp")});
    configuration.parameters["default_transport"] = "smtp:[gateway.example.org]";
    EXPECT_EQ(role_of(configuration), Role::kSatellite);
    configuration.parameters["default_transport"] = "smtp:";
    EXPECT_EQ(role_of(configuration), Role::kDirect);
}

TEST(Role, IsUnknownWithoutConfiguration) {
    EXPECT_EQ(role_of(Configuration()), std::nullopt);
    EXPECT_EQ(role_of(listening("all", {})), std::nullopt);
}

TEST(Role, HasTheNamesOfTheSections) {
    EXPECT_EQ(role_name(Role::kSatellite), "satellite");
    EXPECT_EQ(role_name(Role::kGateway), "gateway");
    EXPECT_EQ(role_name(Role::kDirect), "direct");
    EXPECT_EQ(role_name(Role::kServer), "server");
}

}  // namespace
}  // namespace mail_relay
