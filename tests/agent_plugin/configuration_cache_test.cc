#include "agent_plugin/configuration_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

using testing::HasSubstr;

CachedConfiguration sample() {
    CachedConfiguration cached{"/etc/postfix", "mail", 1795246145, {}, {}};
    cached.files = {{"/etc/postfix/main.cf", FileIdentity{.device = 0xFFFFFFFFFFFFFFFFU,
                                                          .inode = 11141442,
                                                          .size = 0,
                                                          .modified_ns = 1795246145000000001,
                                                          .changed_ns = -1}},
                    {"/etc/postfix/dynamicmaps.cf", std::nullopt}};
    Configuration &configuration = cached.configuration;
    configuration.parameters = {
        {"relayhost", "[smtp.example.org]:587"}, {"mydomain", "\"\n\xFF"}, {"smtp_tls_CAfile", ""}};
    configuration.set_in_main_cf = {"relayhost"};
    configuration.services = {{"smtp", "unix", true, "smtp", {{"relayhost", "[a]"}}},
                              {"smtp", "inet", false, "smtpd", {}}};
    configuration.map_types = {"hash", "lmdb"};
    configuration.client_sasl_types = {"cyrus"};
    configuration.warnings = {"/etc/postfix/main.cf: unused parameter: x"};
    return cached;
}

TEST(ConfigurationCache, GivesBackWhatWasKept) {
    const auto cached = sample();
    const auto parsed = parse_cached_configuration(render_cached_configuration(cached));
    ASSERT_TRUE(parsed) << parsed.error().message();
    ASSERT_TRUE(*parsed);
    const CachedConfiguration &again = **parsed;
    EXPECT_EQ(again.config_directory, cached.config_directory);
    EXPECT_EQ(again.host_name, cached.host_name);
    EXPECT_EQ(again.read_at, cached.read_at);
    EXPECT_EQ(again.files, cached.files);
    const Configuration &configuration = again.configuration;
    EXPECT_EQ(configuration.parameters.at("relayhost"), "[smtp.example.org]:587");
    EXPECT_EQ(configuration.parameters.size(), 3U);
    EXPECT_EQ(configuration.set_in_main_cf, cached.configuration.set_in_main_cf);
    EXPECT_EQ(configuration.map_types, cached.configuration.map_types);
    EXPECT_EQ(configuration.client_sasl_types, cached.configuration.client_sasl_types);
    EXPECT_EQ(configuration.warnings, cached.configuration.warnings);
    ASSERT_EQ(configuration.services.size(), 2U);
    EXPECT_EQ(configuration.services[0].overrides.at("relayhost"), "[a]");
    EXPECT_EQ(configuration.services[0].command, "smtp");
    EXPECT_TRUE(configuration.services[0].chroot);
    EXPECT_EQ(configuration.services[1].type, "inet");
    EXPECT_FALSE(configuration.services[1].chroot);
}

TEST(ConfigurationCache, AnotherFormatIsNoAnswerAndNoDamage) {
    const auto parsed = parse_cached_configuration(R"({"format":2,"anything":[]})");
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(*parsed);
}

TEST(ConfigurationCache, EveryTruncationIsDamage) {
    const std::string text = render_cached_configuration(sample());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse_cached_configuration(text.substr(0, length))) << length;
    }
}

class DamagedCacheTest : public testing::TestWithParam<std::string> {};

TEST_P(DamagedCacheTest, IsAnError) {
    const auto parsed = parse_cached_configuration(GetParam());
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message(), HasSubstr("damaged"));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, DamagedCacheTest,
    testing::Values("", "null", "[]", "{}", "\xFF", R"({"format":"1"})", R"({"format":1})",
                    R"({"format":1,"config_directory":7,"host_name":"","read_at":0,"files":[],)"
                    R"("configuration":{}})",
                    R"({"format":1,"config_directory":"","host_name":"","read_at":0,)"
                    R"("files":[["/x",1]],"configuration":{}})",
                    R"({"format":1,"config_directory":"","host_name":"","read_at":1e400,)"
                    R"("files":[],"configuration":{}})",
                    std::string(100000, '[')));

TEST(ConfigurationCache, ConfigurationsThatHoldPasswordsAreNotKept) {
    Configuration configuration;
    EXPECT_TRUE(may_be_cached(configuration));
    configuration.parameters["smtp_sasl_password_maps"] = "hash:/etc/postfix/sasl_passwd";
    EXPECT_TRUE(may_be_cached(configuration));
    configuration.services = {{"smtp", "unix", true, "smtp", {}}};
    EXPECT_TRUE(may_be_cached(configuration));
    configuration.services[0].overrides["smtp_sasl_password_maps"] = "static:user:secret";
    EXPECT_FALSE(may_be_cached(configuration));
    configuration.services.clear();
    configuration.parameters["smtp_sasl_password_maps"] = "inline:{ {h = user:secret} }";
    EXPECT_FALSE(may_be_cached(configuration));
    configuration.parameters["smtp_sasl_password_maps"] = "inline:{ malformed user:secret";
    EXPECT_FALSE(may_be_cached(configuration));
}

}  // namespace
}  // namespace mail_relay
