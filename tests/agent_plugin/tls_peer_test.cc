#include "agent_plugin/tls_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Configuration usual() {
    Configuration configuration;
    configuration.parameters = {{"default_transport", "smtp"},
                                {"queue_directory", "/var/spool/postfix"},
                                {"smtp_tls_CAfile", "/etc/ca.pem"},
                                {"smtp_tls_CApath", "/etc/ssl/certs"},
                                {"smtp_tls_ciphers", "medium"},
                                {"smtp_tls_exclude_ciphers", "RC4, 3DES"},
                                {"smtp_tls_mandatory_ciphers", "high"},
                                {"smtp_tls_mandatory_protocols", ">=TLSv1.2"},
                                {"smtp_tls_protocols", ">=TLSv1"},
                                {"smtp_tls_scert_verifydepth", "9"},
                                {"smtp_tls_secure_cert_match", "nexthop, dot-nexthop"},
                                {"smtp_tls_verify_cert_match", "hostname"},
                                {"tls_append_default_CA", "no"},
                                {"tls_high_cipherlist", "HIGH"},
                                {"tls_medium_cipherlist", "HIGH:MEDIUM"}};
    configuration.services = {{"smtp", "unix", true, "smtp", {}}};
    return configuration;
}

RelayhostLevel at(TlsLevel level, std::vector<std::string> attributes = {}) {
    RelayhostLevel relayhost;
    relayhost.level = level;
    relayhost.attributes = std::move(attributes);
    return relayhost;
}

TEST(TlsPeer, ProtocolsAsPostfixWritesThem) {
    EXPECT_THAT(allowed_protocols("!SSLv2, !SSLv3"),
                ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
    EXPECT_THAT(allowed_protocols("!SSLv2:!SSLv3:!TLSv1:!TLSv1.1"),
                ElementsAre("TLSv1.2", "TLSv1.3"));
    EXPECT_THAT(allowed_protocols(">=TLSv1.2"), ElementsAre("TLSv1.2", "TLSv1.3"));
    EXPECT_THAT(allowed_protocols(">=tlsv1.1 <=TLSv1.2"), ElementsAre("TLSv1.1", "TLSv1.2"));
    EXPECT_THAT(allowed_protocols("TLSv1.2"), ElementsAre("TLSv1.2"));
    EXPECT_THAT(allowed_protocols("SSLv3"), IsEmpty());
    EXPECT_THAT(allowed_protocols(""), ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
}

TEST(TlsPeer, TheLevelDecidesWhatIsRequired) {
    const auto none = tls_peer(usual(), at(TlsLevel::kNone));
    EXPECT_EQ(none.mode, TlsMode::kNone);
    const auto may = tls_peer(usual(), at(TlsLevel::kMay));
    EXPECT_EQ(may.mode, TlsMode::kStartTls);
    EXPECT_FALSE(may.required);
    EXPECT_EQ(may.offer.protocols.size(), 4U);
    const auto encrypt = tls_peer(usual(), at(TlsLevel::kEncrypt));
    EXPECT_TRUE(encrypt.required);
    EXPECT_FALSE(encrypt.trust_required);
    EXPECT_THAT(encrypt.offer.protocols, ElementsAre("TLSv1.2", "TLSv1.3"));
    EXPECT_EQ(encrypt.offer.ciphers, "HIGH:!RC4:!3DES:!aNULL");
    EXPECT_TRUE(tls_peer(usual(), at(TlsLevel::kVerify)).trust_required);
}

TEST(TlsPeer, WrapperModeBeginsWithTls) {
    auto configuration = usual();
    configuration.parameters["smtp_tls_wrappermode"] = "yes";
    EXPECT_EQ(tls_peer(configuration, at(TlsLevel::kEncrypt)).mode, TlsMode::kImplicit);
}

TEST(TlsPeer, NamesDependOnLevelAndPolicy) {
    const auto names = [](const RelayhostLevel &level) {
        return certificate_names(tls_peer(usual(), level), "mx1.example.org", "example.org");
    };
    EXPECT_THAT(names(at(TlsLevel::kEncrypt)), ElementsAre("mx1.example.org"));
    EXPECT_THAT(names(at(TlsLevel::kVerify)), ElementsAre("mx1.example.org"));
    EXPECT_THAT(names(at(TlsLevel::kSecure)), ElementsAre("example.org", ".example.org"));
    EXPECT_THAT(names(at(TlsLevel::kSecure, {"match=hostname:.example.net"})),
                ElementsAre("mx1.example.org", ".example.net"));
}

TEST(TlsPeer, TheServerIsToldANameOnlyIfPostfixTellsOne) {
    auto configuration = usual();
    const auto told = [&](const RelayhostLevel &level) {
        return told_server_name(tls_peer(configuration, level), "mx1.example.org", "example.org");
    };
    EXPECT_EQ(told(at(TlsLevel::kEncrypt)), "");
    EXPECT_EQ(told(at(TlsLevel::kEncrypt, {"servername=nexthop"})), "example.org");
    configuration.parameters["smtp_tls_servername"] = "hostname";
    EXPECT_EQ(told(at(TlsLevel::kEncrypt)), "mx1.example.org");
    EXPECT_EQ(told(at(TlsLevel::kEncrypt, {"servername=a.example.net"})), "a.example.net");
}

TEST(TlsPeer, TheCaFolderIsInTheJailAndTheFileIsNot) {
    const auto trust = tls_peer(usual(), at(TlsLevel::kVerify)).trust;
    EXPECT_EQ(trust.ca_file, "/etc/ca.pem");
    EXPECT_EQ(trust.ca_path, "/var/spool/postfix/etc/ssl/certs");
    EXPECT_FALSE(trust.default_ca);
    EXPECT_EQ(trust.depth, 9);
}

TEST(TlsPeer, TrustAnchorsReplaceAllOtherAuthorities) {
    const auto trust =
        tls_peer(usual(), at(TlsLevel::kSecure, {"tafile=/etc/one.pem", "tafile=/etc/two.pem"}))
            .trust;
    EXPECT_EQ(trust.ca_file, "");
    EXPECT_THAT(trust.more_ca_files, ElementsAre("/etc/one.pem", "/etc/two.pem"));
    EXPECT_TRUE(trust.partial_chain);
}

TEST(TlsPeer, AClientCertificateIsPresented) {
    auto configuration = usual();
    configuration.parameters["smtp_tls_cert_file"] = "none";
    configuration.parameters["smtp_tls_eccert_file"] = "/etc/ec.pem";
    configuration.parameters["smtp_tls_eckey_file"] = "/etc/ec.key";
    const auto offer = tls_peer(configuration, at(TlsLevel::kEncrypt)).offer;
    EXPECT_EQ(offer.certificate_file, "/etc/ec.pem");
    EXPECT_EQ(offer.key_file, "/etc/ec.key");
    configuration.parameters["smtp_tls_chain_files"] = "/etc/chain.pem";
    EXPECT_EQ(tls_peer(configuration, at(TlsLevel::kEncrypt)).offer.key_file, "/etc/chain.pem");
}

}  // namespace
}  // namespace mail_relay
