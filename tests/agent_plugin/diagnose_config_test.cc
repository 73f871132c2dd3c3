#include "agent_plugin/diagnose_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "agent_plugin/gather_config.h"
#include "agent_plugin/service_port.h"
#include "settled_file.h"

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kEssential =
    "smtp inet n - y - - smtpd\n"
    "cleanup unix n - y - 0 cleanup\n"
    "qmgr unix n - n 300 1 qmgr\n"
    "rewrite unix - - y 1000? - trivial-rewrite\n";
constexpr std::int64_t kNow = 1795246145;

/// A host whose main.cf the installed postconf resolves.
class DiagnoseConfigTest : public testing::Test {
  protected:
    DiagnoseConfigTest() {
        std::array<char, 40> name{"/tmp/diagnose_config_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        fs::create_directories(root_ / "etc/postfix");
        write("/etc/mailname", "host.example.org\n");
        write("/etc/resolv.conf", "nameserver 192.0.2.53\n");
        write("/etc/aliases", "");
        write("/etc/aliases.db", "");
        write("/var/spool/postfix/etc/resolv.conf", "nameserver 192.0.2.53\n");
        write("/etc/postfix/master.cf", kEssential +
                                            "smtp unix - - y - - smtp\n"
                                            "relay unix - - y - - smtp\n");
    }
    ~DiagnoseConfigTest() override { fs::remove_all(root_); }

    void write(const std::string &path, const std::string &content) const {
        const fs::path file = root_ / path.substr(1);
        fs::create_directories(file.parent_path());
        write_settled(file, content);
    }

    InstanceReading read() const {
        const FileTree files(root_);
        InstanceReading reading;
        reading.instance = {"postfix", "/etc/postfix", true, true};
        reading.settings = gather_configuration({files, "/usr/sbin/postconf", ""}, "/etc/postfix",
                                                Deadline::in(seconds(60)), kNow);
        reading.settings.configuration.parameters["mail_version"] = "3.7.11";
        resolve_service_names(files, reading.settings.configuration, reading.settings.problems);
        return reading;
    }

    Findings diagnose(const std::string &main_cf) const {
        write("/etc/postfix/main.cf", "compatibility_level = 3.6\n" + main_cf);
        return diagnose_written();
    }

    Findings diagnose_written() const {
        const FileTree files(root_);
        const auto reading = read();
        const auto facts = gather_config(files, reading.settings.configuration, kNow);
        return diagnose_config(reading, facts, parse_os_release("ID=debian\n"));
    }

    fs::path root_;
};

std::vector<std::string> alarms(const Findings &findings) {
    std::vector<std::string> ids;
    for (const auto &finding : findings) {
        if (finding.severity != Severity::kInfo) {
            ids.push_back(finding.id);
        }
    }
    return ids;
}

const Finding &only(const Findings &findings, std::string_view id) {
    for (const auto &finding : findings) {
        if (finding.id == id) {
            return finding;
        }
    }
    static const Finding none;
    ADD_FAILURE() << "no finding " << id;
    return none;
}

class HarmlessMainCfTest : public DiagnoseConfigTest,
                           public testing::WithParamInterface<const char *> {};

TEST_P(HarmlessMainCfTest, RaisesNoAlarm) {
    fs::copy_file(fs::path(FIXTURE_DIRECTORY) / "main_cf" / GetParam(),
                  root_ / "etc/postfix/main.cf");
    settle(root_ / "etc/postfix/main.cf");
    EXPECT_THAT(alarms(diagnose_written()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(MainCf, HarmlessMainCfTest,
                         testing::Values("debian_12.cf", "ubuntu_20.04.cf", "ubuntu_22.04.cf",
                                         "rocky_9.cf", "debian_smarthost.cf",
                                         "open_internal_relay.cf", "allow_listed_relay.cf",
                                         "gateway.cf", "domain_as_relayhost.cf"));

TEST_F(DiagnoseConfigTest, AnUnknownParameterIsRemovedByName) {
    const auto findings = diagnose("inet_interfaces = loopback-only\nsmtp_tls_CAflie = secret\n");
    EXPECT_THAT(alarms(findings), ElementsAre("unknown_parameter"));
    EXPECT_THAT(findings[0].fix, ElementsAre("postconf -X smtp_tls_CAflie"));
    EXPECT_THAT(findings[0].evidence, Not(HasSubstr("secret")));
}

TEST_F(DiagnoseConfigTest, AnUnknownParameterOfMasterCfIsFoundInAnyService) {
    write("/etc/postfix/master.cf",
          kEssential + "smtp unix - - y - - smtp\n  -o smtp_tls_wrappermod=yes\n");
    const auto findings = diagnose("inet_interfaces = loopback-only\n");
    EXPECT_THAT(alarms(findings), ElementsAre("unknown_parameter"));
    EXPECT_THAT(findings[0].fix, ElementsAre("postconf -PX '*/*/smtp_tls_wrappermod'"));
}

TEST_F(DiagnoseConfigTest, ARejectedMainCfIsCritical) {
    const auto findings = diagnose("secret\n");
    EXPECT_THAT(alarms(findings), ElementsAre("configuration_rejected"));
    EXPECT_THAT(findings[0].evidence, HasSubstr("main.cf, line 2: missing '='"));
}

TEST_F(DiagnoseConfigTest, BerkeleyDbIsNotedWhereverATableUsesIt) {
    const auto ids = [this](const std::string &main_cf) {
        std::vector<std::string> found;
        for (const auto &finding : diagnose("inet_interfaces = loopback-only\n" + main_cf)) {
            found.push_back(finding.id);
        }
        return found;
    };
    for (const auto *setting : {"alias_maps = hash:/etc/aliases", "smtp_tls_policy_maps = btree:/x",
                                "smtp_sasl_password_maps = proxy:hash:/x",
                                "smtp_sasl_password_maps = unionmap:{texthash:/x, hash:/y}"}) {
        EXPECT_THAT(ids(setting), Contains("berkeley_db_maps")) << setting;
    }
    EXPECT_THAT(ids("smtp_sasl_password_maps = lmdb:/x"), Not(Contains("berkeley_db_maps")));
    EXPECT_THAT(ids("smtp_sasl_password_maps = texthash:/x"), IsEmpty());
}

TEST_F(DiagnoseConfigTest, AnOldCompatibilityLevelIsANotice) {
    const auto findings = diagnose("compatibility_level = 2\n");
    const auto &finding = only(findings, "old_compatibility_level");
    EXPECT_EQ(finding.severity, Severity::kInfo);
    EXPECT_THAT(finding.fix, Contains("postconf -e compatibility_level=3.6"));
}

TEST_F(DiagnoseConfigTest, AMalformedRelayhostIsCritical) {
    const auto findings =
        diagnose("inet_interfaces = loopback-only\nrelayhost = [smtp.example.org\n");
    EXPECT_THAT(alarms(findings), ElementsAre("relayhost_malformed"));
    EXPECT_THAT(findings[0].evidence, HasSubstr("missing \"]\""));
}

TEST_F(DiagnoseConfigTest, APortWithoutANumberIsCriticalForTheSmtpClientEnds) {
    const std::string main_cf =
        "inet_interfaces = loopback-only\nmyhostname = host.example.org\nrelayhost = ";
    write("/etc/services", "odd 2525/tcp\n");
    write("/var/spool/postfix/etc/services", "odd 2525/tcp\n");
    EXPECT_THAT(alarms(diagnose(main_cf + "[smtp.example.org]:submission\n")), IsEmpty());
    EXPECT_THAT(alarms(diagnose(main_cf + "[smtp.example.org]:odd\n")), IsEmpty());
    const auto findings = diagnose(main_cf + "[smtp.example.org]:odder\n");
    EXPECT_THAT(alarms(findings), ElementsAre("relayhost_malformed"));
    EXPECT_EQ(findings[0].evidence,
              "relayhost \"[smtp.example.org]:odder\": /etc/services has no TCP service \"odder\"");
    const auto next_hop = diagnose(main_cf + "\ndefault_transport = smtp:[gateway.example.org\n");
    EXPECT_THAT(alarms(next_hop), ElementsAre("relayhost_malformed"));
}

TEST_F(DiagnoseConfigTest, ASubmissionHostWithoutBracketsIsWarnedOf) {
    const std::string loopback =
        "myhostname = host.example.org\ninet_interfaces = loopback-only\nrelayhost = ";
    auto findings = diagnose(loopback + "smtp.example.org:587\n");
    EXPECT_THAT(alarms(findings), ElementsAre("relayhost_lacks_brackets"));
    EXPECT_THAT(findings[0].fix, Contains("postconf -e 'relayhost=[smtp.example.org]:587'"));
    findings = diagnose(loopback + "[a.example.org], smtp.gmail.com\n");
    EXPECT_THAT(alarms(findings), ElementsAre("relayhost_lacks_brackets"));
    EXPECT_THAT(findings[0].fix,
                Contains("postconf -e 'relayhost=[a.example.org], [smtp.gmail.com]'"));
    EXPECT_THAT(alarms(diagnose(loopback + "192.0.2.1:587\n")), IsEmpty());
    EXPECT_THAT(alarms(diagnose(loopback + "mail.example.org:25\n")), IsEmpty());
}

TEST_F(DiagnoseConfigTest, APrivateSenderDomainNeedsAGenericMap) {
    const std::string relay =
        "inet_interfaces = loopback-only\nrelayhost = [smtp.example.org]:587\n"
        "myhostname = monitor.lan\n";
    const auto findings = diagnose(relay);
    EXPECT_THAT(alarms(findings), ElementsAre("generic_map_missing"));
    EXPECT_THAT(findings[0].fix, Contains("postmap hash:/etc/postfix/generic"));
    EXPECT_THAT(
        diagnose(relay + "default_database_type = lmdb\n")[0].fix,
        ElementsAre("echo '@monitor.lan you@example.org' >>/etc/postfix/generic"
                    "  # an address of yours",
                    "postmap lmdb:/etc/postfix/generic",
                    "postconf -e smtp_generic_maps=lmdb:/etc/postfix/generic", "postfix reload"));
    EXPECT_THAT(alarms(diagnose(relay + "myorigin = /etc/mailname\n")), IsEmpty());
    EXPECT_THAT(alarms(diagnose(relay + "sender_canonical_maps = static:a@example.org\n")),
                IsEmpty());
    EXPECT_THAT(alarms(diagnose("myhostname = monitor.lan\n")), IsEmpty()) << "no relayhost";
}

TEST_F(DiagnoseConfigTest, ASatelliteThatListensToTheNetworkIsWarnedOf) {
    const std::string satellite =
        "myhostname = host.example.org\nrelayhost = [smtp.example.org]:587\n"
        "mydestination = $myhostname, host, localhost\n"
        "mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\ninet_interfaces = ";
    const auto findings = diagnose(satellite + "all\n");
    EXPECT_THAT(alarms(findings), ElementsAre("port25_exposed"));
    EXPECT_THAT(findings[0].fix, ElementsAre("postconf -e inet_interfaces=loopback-only",
                                             "systemctl restart postfix"));
    EXPECT_THAT(alarms(diagnose(satellite + "$myhostname, localhost\n")), IsEmpty());
    EXPECT_THAT(alarms(diagnose(satellite + "all\nsmtpd_sasl_auth_enable = yes\n")), IsEmpty());
    EXPECT_THAT(alarms(diagnose(satellite + "all\nrelay_domains = example.org\n")), IsEmpty());
}

TEST_F(DiagnoseConfigTest, ATableThatIsNotBuiltIsNamedWithItsBuilder) {
    fs::remove(root_ / "etc/aliases.db");
    const auto findings =
        diagnose("inet_interfaces = loopback-only\nalias_maps = hash:/etc/aliases\n");
    EXPECT_THAT(alarms(findings), ElementsAre("map_not_built"));
    EXPECT_EQ(findings[0].area, Area::kConfig);
    EXPECT_THAT(findings[0].fix, Contains("postalias hash:/etc/aliases"));
}

TEST_F(DiagnoseConfigTest, ATableWithoutASourceIsWrittenBeforeItIsBuilt) {
    const auto findings = diagnose(
        "inet_interfaces = loopback-only\nvirtual_alias_maps = hash:/etc/postfix/virtual\n");
    EXPECT_THAT(alarms(findings), ElementsAre("map_not_built"));
    EXPECT_THAT(findings[0].fix,
                ElementsAre("editor /etc/postfix/virtual  # write it, or take it out of "
                            "virtual_alias_maps",
                            "postmap hash:/etc/postfix/virtual", "postfix reload", "postqueue -f"));
    EXPECT_THAT(
        diagnose("inet_interfaces = loopback-only\n"
                 "virtual_alias_maps = texthash:/etc/postfix/virtual\n")[0]
            .fix,
        ElementsAre(HasSubstr("editor /etc/postfix/virtual"), "postfix reload", "postqueue -f"));
}

TEST_F(DiagnoseConfigTest, AJailThatPostfixMayNotReadIsOpened) {
    write("/etc/passwd", "postfix:x:104:112::/:\n");
    fs::permissions(root_ / "var/spool/postfix/etc", fs::perms(0700));
    const auto findings = diagnose("inet_interfaces = loopback-only\n");
    EXPECT_THAT(alarms(findings), ElementsAre("chroot_drift"));
    EXPECT_EQ(findings[0].severity, Severity::kCrit);
    EXPECT_EQ(findings[0].evidence, "/var/spool/postfix/etc cannot be read by postfix");
    EXPECT_THAT(findings[0].fix,
                ElementsAre("chmod a+rX /var/spool/postfix/etc", "postfix reload"));
}

TEST_F(DiagnoseConfigTest, AJailWithOtherNameServersIsCritical) {
    write("/var/spool/postfix/etc/resolv.conf", "nameserver 192.0.2.1\n");
    const auto findings = diagnose("inet_interfaces = loopback-only\n");
    EXPECT_THAT(alarms(findings), ElementsAre("chroot_drift"));
    EXPECT_EQ(findings[0].severity, Severity::kCrit);
    EXPECT_THAT(findings[0].fix, ElementsAre("systemctl restart postfix"));
}

}  // namespace
}  // namespace mail_relay
