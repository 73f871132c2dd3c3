#include "agent_plugin/render_tls.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795246145;

Instance instance() {
    return {"postfix", "/etc/postfix", true, true};
}

ClientCertificate certificate(const std::string &path, std::int64_t not_after) {
    ClientCertificate certificate;
    certificate.path = path;
    certificate.key_path = "/k.pem";
    certificate.subject = "CN=x";
    certificate.not_after = not_after;
    certificate.matches_key = true;
    return certificate;
}

TEST(RenderTls, CarriesEveryFieldOfTheContract) {
    TlsFacts facts;
    facts.level = {"", TlsLevel::kMay, "smtp_use_tls"};
    facts.wrapper_mode = true;
    facts.protocols = ">=TLSv1";
    facts.mandatory_protocols = ">=TLSv1.2";
    facts.ciphers = "medium";
    facts.mandatory_ciphers = "high";
    facts.ca_file = CaStore{"/etc/ssl/ca.pem", true, 140, 2, true, ""};
    facts.ca_path = CaStore{"/etc/ssl/certs", true, std::nullopt, std::nullopt, false, ""};
    facts.client_certificates = {certificate("/c.pem", 1800430145)};
    LookupTable table;
    table.table = parse_table_list("hash:/etc/postfix/policy").value().front();
    table.supported = true;
    table.fresh = false;
    facts.policies.tables = {table};
    RelayhostLevel level;
    level.relayhost = "[smtp.example.org]:587";
    level.level = TlsLevel::kSecure;
    level.policy_key = "[smtp.example.org]:587";
    facts.policies.levels = {level};
    EXPECT_EQ(
        boost::json::serialize(render_tls(instance(), facts, {}, kNow)),
        R"({"instance":"postfix","time":1795246145,"level":{"configured":"","effective":"may",)"
        R"("origin":"smtp_use_tls"},"wrapper_mode":true,"protocols":">=TLSv1",)"
        R"("mandatory_protocols":">=TLSv1.2","ciphers":"medium","mandatory_ciphers":"high",)"
        R"("ca_file":{"path":"/etc/ssl/ca.pem","present":true,"certificates":140,"expired":2,)"
        R"("readable_in_jail":true},"ca_path":{"path":"/etc/ssl/certs","present":true,)"
        R"("certificates":null,"expired":null,"in_jail":false},"client_certificate":)"
        R"({"path":"/c.pem","key_path":"/k.pem","subject":"CN=x","not_after":1800430145,)"
        R"("matches_key":true},"policy_maps":[{"map":"hash:/etc/postfix/policy","type":"hash",)"
        R"("supported":true,"fresh":false}],"relayhost_levels":[{"relayhost":)"
        R"("[smtp.example.org]:587","level":"secure","policy_key":"[smtp.example.org]:587"}],)"
        R"("findings":[],"problems":[]})");
}

TEST(RenderTls, WhatIsNotThereOrUnknownIsNull) {
    TlsFacts facts;
    facts.level.configured = "encypt";
    RelayhostLevel level;
    level.relayhost = "a.test";
    facts.policies.levels = {level};
    const auto section = render_tls(instance(), facts, {}, kNow);
    EXPECT_TRUE(section.at("ca_file").is_null());
    EXPECT_TRUE(section.at("ca_path").is_null());
    EXPECT_TRUE(section.at("client_certificate").is_null());
    EXPECT_TRUE(section.at("level").as_object().at("effective").is_null());
    EXPECT_EQ(boost::json::serialize(section.at("relayhost_levels")),
              R"([{"relayhost":"a.test","level":null,"policy_key":null}])");
}

TEST(RenderTls, OfSeveralClientCertificatesTheWorstIsShown) {
    TlsFacts facts;
    facts.client_certificates = {certificate("/late.pem", 3000), certificate("/early.pem", 2000)};
    const auto shown = [&facts] {
        return render_tls(instance(), facts, {}, kNow)
            .at("client_certificate")
            .as_object()
            .at("path")
            .as_string();
    };
    EXPECT_EQ(shown(), "/early.pem");
    facts.client_certificates[0].fault = "the private key does not belong to it";
    EXPECT_EQ(shown(), "/late.pem");
}

}  // namespace
}  // namespace mail_relay
