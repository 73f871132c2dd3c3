#include "agent_plugin/configuration.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

Configuration with(std::string name, std::string value) {
    Configuration configuration;
    configuration.parameters.emplace(std::move(name), std::move(value));
    return configuration;
}

MasterService service(std::string name, std::string type) {
    return {std::move(name), std::move(type), false, "smtp", {}};
}

TEST(Configuration, AnUnknownParameterIsEmpty) {
    EXPECT_EQ(with("relayhost", "[h]").get("relayhost"), "[h]");
    EXPECT_EQ(Configuration().get("relayhost"), "");
}

TEST(Configuration, YesIsYesAndAnythingElseIsNo) {
    EXPECT_TRUE(with("smtp_use_tls", "yes").is_yes("smtp_use_tls"));
    EXPECT_TRUE(with("smtp_use_tls", "Yes").is_yes("smtp_use_tls"));
    EXPECT_TRUE(with("smtp_use_tls", "YES").smtp_client_is_yes("smtp_use_tls"));
    EXPECT_FALSE(with("smtp_use_tls", "yes!").smtp_client_is_yes("smtp_use_tls"));
    EXPECT_FALSE(with("smtp_use_tls", "no").is_yes("smtp_use_tls"));
    EXPECT_FALSE(with("smtp_use_tls", "").is_yes("smtp_use_tls"));
    EXPECT_FALSE(Configuration().is_yes("smtp_use_tls"));
}

TEST(Configuration, TheDeliveryServiceIsThatOfTheDefaultTransport) {
    auto configuration = with("default_transport", "relay:[gateway.example.org]");
    EXPECT_EQ(configuration.delivery_service(), nullptr);
    configuration.services = {service("relay", "inet"), service("smtp", "unix"),
                              service("relay", "unix")};
    EXPECT_EQ(configuration.delivery_service(), &configuration.services[2]);
    configuration.parameters["default_transport"] = "smtp";
    EXPECT_EQ(configuration.delivery_service(), &configuration.services[1]);
}

TEST(Configuration, AnOverrideOfMasterCfWinsForTheDeliveringClientAlone) {
    auto configuration = with("default_transport", "smtp");
    configuration.parameters["smtp_tls_security_level"] = "may";
    configuration.services = {service("smtp", "unix"), service("relay", "unix")};
    configuration.services[1].overrides = {{"smtp_tls_security_level", "verify"}};
    EXPECT_EQ(configuration.smtp_client("smtp_tls_security_level"), "may");
    configuration.services[0].overrides = {{"smtp_tls_security_level", "encrypt"}};
    EXPECT_EQ(configuration.smtp_client("smtp_tls_security_level"), "encrypt");
    EXPECT_EQ(configuration.get("smtp_tls_security_level"), "may");
    EXPECT_EQ(Configuration().smtp_client("smtp_tls_security_level"), "");
}

TEST(Configuration, TellsWhatMainCfSets) {
    Configuration configuration;
    configuration.set_in_main_cf = {"relayhost"};
    EXPECT_TRUE(configuration.is_set_in_main_cf("relayhost"));
    EXPECT_FALSE(configuration.is_set_in_main_cf("myhostname"));
}

TEST(Configuration, AMalformedRelayhostListIsEmpty) {
    EXPECT_EQ(with("relayhost", "[a], [b]").relayhosts().size(), 2U);
    EXPECT_TRUE(with("relayhost", "[a], [b").relayhosts().empty());
    EXPECT_TRUE(Configuration().relayhosts().empty());
}

TEST(Configuration, VersionsCompareAsNumbers) {
    EXPECT_EQ(with("mail_version", "3.7.11").version(), std::pair(3, 7));
    EXPECT_EQ(with("mail_version", "3.12-20260821").version(), std::pair(3, 12));
    EXPECT_LT(with("mail_version", "3.7").version(), with("mail_version", "3.11").version());
    for (const auto *text : {"", "3", "3.", "x.y", "."}) {
        EXPECT_EQ(with("mail_version", text).version(), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace mail_relay
