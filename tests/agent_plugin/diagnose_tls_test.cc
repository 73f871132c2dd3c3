#include "agent_plugin/diagnose_tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent_plugin/gather_tls.h"
#include "agent_plugin/render_tls.h"
#include "map_folder.h"

namespace mail_relay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DiagnoseTlsTest : public MapFolder {
  protected:
    void SetUp() override {
        MapFolder::SetUp();
        set("smtp_tls_security_level", "encrypt");
        set("smtp_tls_wrappermode", "no");
        distribution_.family = DistributionFamily::kDebian;
        distribution_.id = "debian";
    }

    void set(const std::string &name, const std::string &value) {
        configuration_.parameters[name] = value;
        configuration_.set_in_main_cf.push_back(name);
    }

    void enable_auth() {
        write("sasl_passwd", "smtp.example.org user:password\n");
        set("smtp_sasl_auth_enable", "yes");
        set("smtp_sasl_password_maps", "texthash:" + path("sasl_passwd"));
    }

    void make_certificate(const std::string &name, const std::string &days) const {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
            "-nodes -subj /CN=client -days " +
            days + " -keyout " + path(name + "_key.pem") + " -out " + path(name + ".pem") +
            " >/dev/null 2>&1";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }

    TlsFacts gather(std::int64_t now = kNow) {
        const FileTree files;
        FactCache cache(files, instance_, state_directory(), now);
        TableLookup lookup(files, instance_, configuration_, cache, soon(), now);
        return gather_tls(files, instance_, configuration_, cache, lookup, now);
    }

    std::vector<std::string> ids(std::int64_t now = kNow) {
        std::vector<std::string> found;
        for (const auto &finding : diagnose_tls(gather(now), configuration_, distribution_, now)) {
            EXPECT_EQ(finding.area, Area::kTls);
            found.push_back(finding.id);
        }
        return found;
    }

    Distribution distribution_;
};

TEST_F(DiagnoseTlsTest, DefaultsOfDistributionsHaveNoFindings) {
    set("relayhost", "");
    set("smtp_tls_security_level", "may");
    set("smtp_tls_CApath", path("no_such_folder"));  // Debian, chrooted, jail not filled yet
    configuration_.services.push_back(
        {.name = "smtp", .type = "unix", .chroot = true, .command = "smtp", .overrides = {}});
    EXPECT_THAT(ids(), IsEmpty());
    EXPECT_THAT(gather().problems, IsEmpty());
    set("relayhost", "[relay.example.org]");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_tls_security_level", "");
    set("smtp_tls_CApath", "");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseTlsTest, WrapperModeAndPortsMustAgree) {
    struct Case {
        const char *relayhost;
        const char *wrapper;
        const char *level;
        std::vector<std::string> ids;
    };
    for (const auto &[relayhost, wrapper, level, expected] : {
             Case{"[h.test]:465", "yes", "encrypt", {}},
             Case{"[h.test]:465", "no", "encrypt", {"tls_port_without_wrapper"}},
             Case{"[h.test]:smtps", "no", "may", {"tls_port_without_wrapper"}},
             Case{"[h.test]:465", "yes", "may", {"wrapper_level_too_low"}},
             Case{"[h.test]:465", "yes", "", {"wrapper_level_too_low"}},
             Case{"[h.test]:587", "yes", "encrypt", {"wrapper_on_starttls_port"}},
             Case{"[h.test]", "yes", "secure", {"wrapper_on_starttls_port", "ca_file_missing"}},
             Case{"[h.test]:587", "no", "encrypt", {}},
             Case{"[h.test]:2465", "yes", "encrypt", {}},
             Case{"", "yes", "encrypt", {"wrapper_on_starttls_port"}},
         }) {
        set("relayhost", relayhost);
        set("smtp_tls_wrappermode", wrapper);
        set("smtp_tls_security_level", level);
        EXPECT_EQ(ids(), expected) << relayhost << " " << wrapper << " " << level;
    }
}

TEST_F(DiagnoseTlsTest, OnlyAPasswordNeedsTls) {
    set("smtp_tls_security_level", "none");
    EXPECT_THAT(ids(), IsEmpty());
    enable_auth();
    EXPECT_THAT(ids(), ElementsAre("password_without_tls"));
    set("smtp_tls_security_level", "may");
    EXPECT_THAT(ids(), ElementsAre("strippable_tls"));
    set("relayhost", "[other.example.org]:587");  // no credentials for it
    EXPECT_THAT(ids(), IsEmpty());
    set("relayhost", "[smtp.example.org]:587");
    set("smtp_tls_security_level", "encrypt");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseTlsTest, APolicyDecidesForItsRelayhost) {
    enable_auth();
    set("smtp_tls_security_level", "may");
    write("policy", "[smtp.example.org]:587 Encrypt ciphers=high\n");
    set("smtp_tls_policy_maps", "texthash:" + path("policy"));
    EXPECT_THAT(ids(), IsEmpty());
    const auto level = gather().policies.levels.at(0);
    EXPECT_EQ(level.level, TlsLevel::kEncrypt);
    EXPECT_EQ(level.policy_key, "[smtp.example.org]:587");
    write("policy", "[smtp.example.org]:587 encypt\n");
    EXPECT_THAT(ids(), ElementsAre("tls_level_invalid"));
    set("smtp_tls_policy_maps", "hash:" + path("policy"));
    EXPECT_THAT(ids(), ElementsAre("map_not_built"));
    EXPECT_EQ(gather().policies.levels.at(0).level, std::nullopt);
}

TEST_F(DiagnoseTlsTest, WhatAPolicyDecidesIsRepairedInThePolicy) {
    const auto fix = [this] {
        return diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix;
    };
    const std::string edit = "editor " + path("policy") + "  # [smtp.example.org]:587 encrypt";
    set("smtp_tls_policy_maps", "texthash:" + path("policy"));
    write("policy", "[smtp.example.org]:587 bogus\n");
    EXPECT_THAT(fix(), ElementsAre(edit, "postfix reload"));
    write("policy", "[smtp.example.org]:587 may\n");
    set("smtp_tls_wrappermode", "yes");
    EXPECT_THAT(fix(), ElementsAre(edit, "postfix reload", "postqueue -f"));
    set("smtp_tls_wrappermode", "no");
    enable_auth();
    EXPECT_THAT(ids(), ElementsAre("strippable_tls"));
    EXPECT_THAT(fix(), ElementsAre(edit, "postfix reload"));
    build("hash", "policy", "[smtp.example.org]:465 none\n");
    set("smtp_tls_policy_maps", "hash:" + path("policy"));
    set("relayhost", "[smtp.example.org]:465");
    EXPECT_THAT(fix(),
                ElementsAre("postconf -e smtp_tls_wrappermode=yes",
                            "editor " + path("policy") + "  # [smtp.example.org]:465 encrypt",
                            "postmap hash:" + path("policy"), "postfix reload", "postqueue -f"));
}

TEST_F(DiagnoseTlsTest, ARepairOfAnOldSwitchKeepsTheLevel) {
    set("smtp_tls_security_level", "");
    set("smtp_enforce_tls", "yes");
    EXPECT_THAT(diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix,
                Contains("postconf -e smtp_tls_security_level=verify"));
    set("smtp_tls_enforce_peername", "no");
    EXPECT_THAT(diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix,
                Contains("postconf -e smtp_tls_security_level=encrypt"));
}

TEST_F(DiagnoseTlsTest, TheNextHopOfTheDefaultTransportIsARelayhost) {
    set("relayhost", "[smtp.example.org]:587");
    set("default_transport", "smtp:[gateway.example.org]:465");
    configuration_.services.push_back(
        {.name = "smtp", .type = "unix", .chroot = false, .command = "smtp", .overrides = {}});
    EXPECT_THAT(ids(), ElementsAre("tls_port_without_wrapper"));
}

TEST_F(DiagnoseTlsTest, SwitchesOfOldAreDeprecated) {
    set("smtp_tls_security_level", "");
    set("smtp_use_tls", "yes");
    EXPECT_THAT(ids(), ElementsAre("deprecated_tls_switch"));
    EXPECT_THAT(diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix,
                ElementsAre("postconf -e smtp_tls_security_level=encrypt",
                            "postconf -X smtp_use_tls", "postfix reload"));
    set("relayhost", "");
    EXPECT_THAT(diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix,
                Contains("postconf -e smtp_tls_security_level=may"));
    write("sites", "smtp.example.org MUST\n");
    set("relayhost", "[smtp.example.org]:587");
    set("smtp_tls_per_site", "texthash:" + path("sites"));
    EXPECT_EQ(gather().policies.levels.at(0).level, TlsLevel::kVerify);
}

TEST_F(DiagnoseTlsTest, AnUnknownLevelEndsTheSmtpClient) {
    set("smtp_tls_security_level", "encypt");
    EXPECT_THAT(ids(), ElementsAre("tls_level_invalid"));
}

TEST_F(DiagnoseTlsTest, ABrokenBundleOfTheDistributionIsMadeAnew) {
    distribution_ = parse_os_release("ID=debian\n");
    TlsFacts facts = gather();
    facts.ca_file.emplace();
    facts.ca_file->path = "/etc/ssl/certs/ca-certificates.crt";
    facts.ca_file->fault = "no certificate";
    EXPECT_THAT(diagnose_tls(facts, configuration_, distribution_, kNow).at(0).fix,
                ElementsAre("apt install ca-certificates", "update-ca-certificates --fresh",
                            "postfix reload", "postqueue -f"));
}

TEST_F(DiagnoseTlsTest, TheCaFileMustBeThereAndParse) {
    set("smtp_tls_CAfile", path("ca.pem"));
    EXPECT_THAT(ids(), ElementsAre("ca_file_missing"));
    EXPECT_EQ(gather().ca_file->present, false);
    write("ca.pem", "no certificate\n");
    EXPECT_THAT(ids(), ElementsAre("ca_file_missing"));
    EXPECT_THAT(diagnose_tls(gather(), configuration_, distribution_, kNow).at(0).fix.at(0),
                "postconf -e smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt");
    set("smtp_tls_security_level", "none");  // never read then
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_tls_security_level", "secure");
    make_certificate("ca", "10");
    EXPECT_THAT(ids(), IsEmpty());
    EXPECT_EQ(gather().ca_file->certificates, 1);
    EXPECT_EQ(gather().ca_file->expired, 0);
    EXPECT_EQ(gather(std::time(nullptr) + std::int64_t{11} * 86400).ca_file->expired, 1);
}

TEST_F(DiagnoseTlsTest, VerificationNeedsCaCertificates) {
    set("smtp_tls_security_level", "verify");
    EXPECT_THAT(ids(), ElementsAre("ca_file_missing"));
    set("smtp_tls_trust_anchor_file", "/etc/postfix/ta.pem");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_tls_trust_anchor_file", "");
    make_certificate("ca", "10");
    std::filesystem::create_directories(path("certs"));
    set("smtp_tls_CApath", path("certs"));
    EXPECT_THAT(ids(), ElementsAre("ca_file_missing"));  // none under a hashed name
    std::filesystem::copy(path("ca.pem"), path("certs/0123abcd.0"));
    EXPECT_THAT(ids(), IsEmpty());
    EXPECT_EQ(gather().ca_path->certificates, 1);
}

TEST_F(DiagnoseTlsTest, AChrootedClientSeesOnlyTheCaPathOfItsJail) {
    set("smtp_tls_security_level", "verify");
    make_certificate("ca", "10");
    std::filesystem::create_directories(path("certs"));
    std::filesystem::copy(path("ca.pem"), path("certs/0123abcd.0"));
    set("smtp_tls_CApath", path("certs"));
    set("queue_directory", folder_ / "spool");
    configuration_.services.push_back(
        {.name = "smtp", .type = "unix", .chroot = true, .command = "smtp", .overrides = {}});
    EXPECT_THAT(ids(), ElementsAre("capath_outside_jail"));
    const std::filesystem::path inside = (folder_ / "spool").string() + path("certs");
    std::filesystem::create_directories(inside);
    std::filesystem::copy(path("ca.pem"), inside / "0123abcd.0");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseTlsTest, AClientCertificateNeedsItsKeyAndTime) {
    const std::int64_t now = std::time(nullptr);
    make_certificate("client", "10");
    make_certificate("other", "10");
    set("smtp_tls_cert_file", path("client.pem"));
    set("smtp_tls_key_file", path("client_key.pem"));
    EXPECT_THAT(ids(now), IsEmpty());
    EXPECT_EQ(gather(now).client_certificates.at(0).subject, "CN=client");
    EXPECT_EQ(gather(now).client_certificates.at(0).matches_key, true);
    EXPECT_THAT(ids(now + std::int64_t{11} * 86400), ElementsAre("client_certificate_unusable"));
    set("smtp_tls_key_file", path("other_key.pem"));
    EXPECT_THAT(ids(now), ElementsAre("client_certificate_unusable"));
    set("smtp_tls_key_file", path("none.pem"));
    EXPECT_THAT(ids(now), ElementsAre("client_certificate_unusable"));
    set("smtp_tls_chain_files", path("client_key.pem") + " " + path("client.pem"));
    EXPECT_THAT(ids(now), IsEmpty());
}

TEST_F(DiagnoseTlsTest, AClientCertificateExpiresWhateverIsKnownOfItsKey) {
    const std::int64_t now = std::time(nullptr);
    make_certificate("client", "10");
    std::filesystem::create_directory(path("unreadable.pem"));
    set("smtp_tls_cert_file", path("client.pem"));
    set("smtp_tls_key_file", path("unreadable.pem"));
    EXPECT_THAT(ids(now), IsEmpty());
    const std::int64_t later = now + std::int64_t{11} * 86400;
    const auto findings = diagnose_tls(gather(later), configuration_, distribution_, later);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_THAT(findings[0].summary, HasSubstr("has expired"));
}

TEST_F(DiagnoseTlsTest, AnUnchangedBundleIsNotParsedAgain) {
    make_certificate("ca", "10");
    set("smtp_tls_CAfile", path("ca.pem"));
    ASSERT_EQ(gather().ca_file->certificates, 1);
    EXPECT_THAT(kept(), HasSubstr("ca_file " + path("ca.pem")));
    make_certificate("more", "10");
    std::ofstream(path("ca.pem"), std::ios::app) << std::ifstream(path("more.pem")).rdbuf();
    EXPECT_EQ(gather().ca_file->certificates, 2);
    std::ofstream(folder_ / "state/facts_damaged.json") << "{";
    for (const auto &entry : std::filesystem::directory_iterator(folder_ / "state")) {
        std::ofstream(entry.path()) << R"({"version":1,"owner":[])";
    }
    EXPECT_EQ(gather().ca_file->certificates, 2);
}

TEST_F(DiagnoseTlsTest, TheSectionFollowsTheContract) {
    const auto facts = gather();
    const auto section = render_tls(instance_, facts, {}, kNow);
    EXPECT_EQ(section.at("level").at("configured").as_string(), "encrypt");
    EXPECT_EQ(section.at("level").at("effective").as_string(), "encrypt");
    EXPECT_EQ(section.at("level").at("origin").as_string(), "smtp_tls_security_level");
    EXPECT_TRUE(section.at("ca_file").is_null());
    EXPECT_TRUE(section.at("client_certificate").is_null());
    EXPECT_EQ(section.at("relayhost_levels").at(0).at("level").as_string(), "encrypt");
    EXPECT_TRUE(section.at("relayhost_levels").at(0).at("policy_key").is_null());
}

}  // namespace
}  // namespace mail_relay
