#include "agent_plugin/render_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace mail_relay {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RenderConfig, CarriesEveryFieldOfTheContract) {
    InstanceReading reading;
    reading.instance.name = "postfix";
    reading.settings.is_resolved = true;
    reading.settings.read_at = 1795246000;
    Configuration &configuration = reading.settings.configuration;
    configuration.parameters = {{"myhostname", "host.example.org"},
                                {"mydomain", "example.org"},
                                {"default_transport", "smtp"},
                                {"relayhost", "[smtp.example.org]:my-port"},
                                {"smtp_tls_security_level", "may"},
                                {"smtp_sasl_password_maps", "inline:{ {h = user:secret} }"}};
    configuration.set_in_main_cf = {"relayhost"};
    configuration.services = {{"smtp",
                               "unix",
                               true,
                               "smtp",
                               {{"smtp_tls_security_level", "encrypt"},
                                {"smtp_sasl_password_maps", "static:user:secret"}}}};
    configuration.map_types = {"hash"};
    configuration.warnings = {"main.cf: unused parameter: x"};
    ConfigFacts facts;
    facts.role = Role::kSatellite;
    const std::string text = boost::json::serialize(render_config(reading, facts, {}, 1795246145));
    EXPECT_EQ(
        text,
        R"({"instance":"postfix","time":1795246145,"myhostname":"host.example.org",)"
        R"("mydomain":"example.org","relayhost":"[smtp.example.org]:my-port","relayhosts":)"
        R"([{"written":"[smtp.example.org]:my-port","host":"smtp.example.org",)"
        R"("service":"my-port","port":null,"mx_lookup":false,"address_literal":false}],)"
        R"("parameters":{"default_transport":"smtp","mydomain":"example.org",)"
        R"("myhostname":"host.example.org","relayhost":"[smtp.example.org]:my-port",)"
        R"("smtp_tls_security_level":"encrypt"},"set_in_main_cf":["relayhost"],)"
        R"("delivery_service":{"name":"smtp","type":"unix","chroot":true,"command":"smtp","overrides":)"
        R"({"smtp_tls_security_level":"encrypt"}},"map_types":["hash"],)"
        R"("warnings":["main.cf: unused parameter: x"],"read_at":1795246000,)"
        R"("role":"satellite","findings":[],"problems":[]})");
    EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(RenderConfig, TheNextHopOfTheTransportIsTheRelayhost) {
    InstanceReading reading;
    reading.settings.is_resolved = true;
    Configuration &configuration = reading.settings.configuration;
    configuration.parameters = {{"default_transport", "smtp:[gateway.example.org]"}};
    configuration.services = {{"smtp", "unix", true, "smtp", {}}};
    EXPECT_EQ(render_config(reading, {}, {}, 0).at("relayhost"), "[gateway.example.org]");
    configuration.services[0].command = "discard";
    const auto section = render_config(reading, {}, {}, 0);
    EXPECT_EQ(section.at("relayhost"), "");
    EXPECT_EQ(section.at("delivery_service").at("command"), "discard");
}

TEST(RenderConfig, WithoutPostconfsAnswerAllIsUnknown) {
    InstanceReading reading;
    reading.settings.problems = {{"parameters", "no postconf"}};
    reading.settings.configuration.parameters["relayhost"] = "$unresolved";
    const auto section = render_config(reading, {}, {}, 1795246145);
    for (const auto *unknown : {"relayhost", "relayhosts", "parameters", "map_types", "role"}) {
        EXPECT_TRUE(section.at(unknown).is_null()) << unknown;
    }
    EXPECT_THAT(boost::json::serialize(section.at("problems")), HasSubstr("no postconf"));
}

}  // namespace
}  // namespace mail_relay
