#include "agent_plugin/diagnose_sasl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent_plugin/diagnose_credentials.h"
#include "agent_plugin/gather_sasl.h"
#include "agent_plugin/render_sasl.h"
#include "map_folder.h"

namespace mail_relay {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// A host that logs on to its relay as it should, with the real postmap and plug-ins.
class DiagnoseSaslTest : public MapFolder {
  protected:
    void SetUp() override {
        MapFolder::SetUp();
        if (IsSkipped()) {
            return;
        }
        if (::access("/usr/lib/x86_64-linux-gnu/sasl2/libplain.so", R_OK) != 0) {
            GTEST_SKIP() << "libsasl2-modules is not installed";
        }
        configuration_.client_sasl_types = {"cyrus"};
        set("daemon_directory", "/usr/lib/postfix/sbin");
        set("smtp_sasl_auth_enable", "yes");
        set("smtp_sasl_type", "cyrus");
        set("smtp_sasl_password_maps", "hash:" + path("sasl_passwd"));
        set("smtp_sasl_security_options", "noanonymous");
        set("smtp_sasl_tls_security_options", "noanonymous");
        set("smtp_sasl_tls_verified_security_options", "noanonymous");
        set("smtp_tls_security_level", "encrypt");
        build("hash", "sasl_passwd", "[smtp.example.org]:587 user:xyzzy\n");
        distribution_.family = DistributionFamily::kDebian;
        distribution_.id = "debian";
    }

    void set(const std::string &name, const std::string &value) {
        configuration_.parameters[name] = value;
        configuration_.set_in_main_cf.push_back(name);
    }

    SaslFacts gather() {
        const FileTree files;
        FactCache cache(files, instance_, state_directory(), kNow);
        TableLookup lookup(files, instance_, configuration_, cache, soon(), kNow);
        return gather_sasl(files, instance_, configuration_, cache, lookup, kNow);
    }

    Findings diagnose() { return diagnose_sasl(gather(), configuration_, distribution_, kNow); }

    std::vector<std::string> ids() {
        std::vector<std::string> found;
        for (const auto &finding : diagnose()) {
            EXPECT_EQ(finding.area, Area::kSasl);
            found.push_back(finding.id);
        }
        return found;
    }

    Distribution distribution_;
};

TEST_F(DiagnoseSaslTest, AHostThatLogsOnHasNoFindings) {
    EXPECT_THAT(ids(), IsEmpty());
    const auto facts = gather();
    EXPECT_THAT(facts.problems, IsEmpty());
    EXPECT_THAT(facts.usable_mechanisms.value(), Contains("PLAIN"));
    EXPECT_EQ(facts.credentials.maps.at(0).entries.at(0).found, true);
}

TEST_F(DiagnoseSaslTest, NoAuthIsNoFault) {
    set("smtp_sasl_auth_enable", "no");
    set("smtp_sasl_password_maps", "");
    set("smtp_sasl_tls_security_options", "noplaintext, noanonymous");  // the defaults
    set("import_environment", "SASL_PATH=/nonexistent");
    EXPECT_THAT(ids(), IsEmpty());
    EXPECT_THAT(gather().problems, IsEmpty());
}

TEST_F(DiagnoseSaslTest, CredentialsWithAuthOff) {
    set("smtp_sasl_auth_enable", "no");
    EXPECT_THAT(ids(), ElementsAre("auth_disabled_with_credentials"));
    EXPECT_THAT(diagnose().at(0).fix, Contains("postconf -e smtp_sasl_auth_enable=yes"));
}

TEST_F(DiagnoseSaslTest, CredentialsForAnotherServiceOrRelayAreNoFaultWithAuthOff) {
    set("smtp_sasl_auth_enable", "no");
    set("relayhost", "[other.example.org]:587");
    EXPECT_THAT(ids(), IsEmpty());
    set("relayhost", "[smtp.example.org]:587");
    configuration_.services.push_back({.name = "submit",
                                       .type = "unix",
                                       .chroot = false,
                                       .command = "smtp",
                                       .overrides = {{"smtp_sasl_auth_enable", "yes"}}});
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, YesIsYesInAnyCase) {
    set("smtp_sasl_auth_enable", "Yes");
    EXPECT_EQ(gather().auth_enabled, true);
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, MasterCfOverridesMainCf) {
    configuration_.services.push_back({.name = "smtp",
                                       .type = "unix",
                                       .chroot = true,
                                       .command = "smtp",
                                       .overrides = {{"smtp_sasl_auth_enable", "no"}}});
    EXPECT_THAT(ids(), ElementsAre("auth_disabled_with_credentials"));
    EXPECT_THAT(diagnose().at(0).fix.at(0), "postconf -P smtp/unix/smtp_sasl_auth_enable=yes");
}

TEST_F(DiagnoseSaslTest, AKeyThatPostfixNeverTries) {
    build("hash", "sasl_passwd", "smtp.example.org:587 user:xyzzy\n");
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
    EXPECT_THAT(diagnose().at(0).evidence,
                AllOf(HasSubstr("smtp.example.org, then [smtp.example.org]:587"),
                      HasSubstr("smtp.example.org:587, which is never tried")));
}

TEST_F(DiagnoseSaslTest, NoEntryAtAll) {
    build("hash", "sasl_passwd", "[other.example.org]:587 user:xyzzy\n");
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
}

TEST_F(DiagnoseSaslTest, EntriesForOtherDestinationsOrSendersMayBeMeant) {
    build("hash", "sasl_passwd", "[other.example.org]:587 user:xyzzy\n");
    set("transport_maps", "hash:/etc/postfix/transport");
    EXPECT_THAT(ids(), IsEmpty());
    set("transport_maps", "");
    set("smtp_sender_dependent_authentication", "yes");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, BehindAnMxOnlyASimilarKeyAlarms) {
    set("relayhost", "example.org:587");
    build("hash", "sasl_passwd", "mx1.example.org user:xyzzy\n");
    EXPECT_THAT(ids(), IsEmpty());
    build("hash", "sasl_passwd", "[example.org]:587 user:xyzzy\n");
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
}

TEST_F(DiagnoseSaslTest, AnEntryOfTheWrongForm) {
    build("hash", "sasl_passwd", "[smtp.example.org]:587 user xyzzy\n");
    EXPECT_THAT(ids(), ElementsAre("credentials_wrong_shape"));
}

TEST_F(DiagnoseSaslTest, OthersCanReadThePassword) {
    std::filesystem::permissions(path("sasl_passwd"), std::filesystem::perms(0644));
    EXPECT_THAT(ids(), ElementsAre("secret_readable"));
    const auto finding = diagnose().at(0);
    EXPECT_EQ(finding.severity, Severity::kWarn);
    EXPECT_EQ(finding.fix.at(0), "chmod 600 " + path("sasl_passwd"));
    set("smtp_sasl_auth_enable", "no");  // and the secret stays one
    set("relayhost", "");
    EXPECT_THAT(ids(), ElementsAre("secret_readable"));
}

TEST_F(DiagnoseSaslTest, APasswordInMainCf) {
    set("smtp_sasl_password_maps", "inline:{[smtp.example.org]:587=user:xyzzy}");
    EXPECT_THAT(ids(), ElementsAre("secret_readable"));
    set("smtp_sasl_password_maps", "static:user:xyzzy");
    EXPECT_THAT(ids(), ElementsAre("secret_readable"));
}

TEST_F(DiagnoseSaslTest, TablesThatCannotBeRead) {
    std::filesystem::remove(path("sasl_passwd.db"));
    EXPECT_THAT(ids(), ElementsAre("map_not_built"));
    EXPECT_EQ(diagnose().at(0).fix.at(0), "postmap hash:" + path("sasl_passwd"));
    configuration_.map_types = {"lmdb", "texthash"};
    EXPECT_THAT(ids(), ElementsAre("map_type_unsupported"));
    EXPECT_THAT(diagnose().at(0).fix,
                ElementsAre("postmap lmdb:" + path("sasl_passwd"),
                            "postconf -e smtp_sasl_password_maps=lmdb:" + path("sasl_passwd"),
                            "postfix reload"));
    set("smtp_sasl_password_maps", "lmdb:" + path("sasl_passwd"));
    configuration_.map_types = {"hash"};
    EXPECT_THAT(diagnose().at(0).fix, Contains("apt install postfix-lmdb"));
    set("smtp_sasl_password_maps", path("sasl_passwd"));
    EXPECT_THAT(ids(), ElementsAre("map_type_unsupported"));
    set("smtp_sasl_password_maps", "");
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
    set("smtp_sasl_auth_enable", "no");
    set("smtp_sasl_password_maps", "cdb:/etc/postfix/sasl_passwd");
    EXPECT_THAT(ids(), IsEmpty());  // never opened
}

TEST_F(DiagnoseSaslTest, AStaleTable) {
    const std::array<timespec, 2> earlier{{{kNow - 5000, 0}, {kNow - 5000, 0}}};
    const std::array<timespec, 2> later{{{kNow - 4000, 0}, {kNow - 4000, 0}}};
    ::utimensat(AT_FDCWD, path("sasl_passwd.db").c_str(), earlier.data(), 0);
    ::utimensat(AT_FDCWD, path("sasl_passwd").c_str(), later.data(), 0);
    EXPECT_THAT(ids(), ElementsAre("map_stale"));
    EXPECT_EQ(diagnose().at(0).evidence, "the source is 1000 s newer");
}

TEST_F(DiagnoseSaslTest, EachRelayhostOfAListIsRepairedByItsOwnKey) {
    set("relayhost", "[smtp.example.org]:587, [second.example.org]:587");
    distribution_.family = DistributionFamily::kRedHat;
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
    EXPECT_THAT(diagnose().at(0).fix, Contains("vi " + path("sasl_passwd") +
                                               "  # [second.example.org]:587 USER:PASSWORD"));
}

TEST_F(DiagnoseSaslTest, WithoutATableTheRepairMakesOneThatOnlyRootReads) {
    set("smtp_sasl_password_maps", "");
    EXPECT_THAT(ids(), ElementsAre("relay_key_mismatch"));
    const std::string file = path("sasl_passwd");
    EXPECT_THAT(
        diagnose().at(0).fix,
        ElementsAre("touch " + file + "; chmod 600 " + file,
                    "editor " + file + "  # [smtp.example.org]:587 USER:PASSWORD",
                    HasSubstr("hash:" + file), HasSubstr("smtp_sasl_password_maps=hash:" + file),
                    HasSubstr("reload"), HasSubstr("postqueue")));
}

TEST_F(DiagnoseSaslTest, ADamagedTableIsCriticalForItsMailIsDeferred) {
    std::ofstream(path("sasl_passwd.db"), std::ios::trunc).close();  // postmap on a full disk
    EXPECT_THAT(ids(), ElementsAre("map_not_built"));
    EXPECT_THAT(diagnose().at(0).evidence, HasSubstr("open database"));
    EXPECT_THAT(diagnose().at(0).fix, Contains("postmap hash:" + path("sasl_passwd")));
    build("hash", "sasl_passwd", "[smtp.example.org]:587 user:xyzzy\n");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, ATableThatOnlyRootMayOpenIsNotDamaged) {
    LookupTable table;
    table.table = {"hash", "/etc/postfix/sasl_passwd", false, {}};
    table.indexed = true;
    CredentialsEntry entry;
    entry.relayhost = "[smtp.example.org]:587";
    entry.why = "cannot look up it: open database /etc/postfix/sasl_passwd.db: Invalid argument";
    SaslFacts facts;
    facts.auth_enabled = true;
    facts.credentials.maps = {{table, {entry}}};
    EXPECT_THAT(diagnose_credentials(facts, configuration_, distribution_), SizeIs(1));
    facts.credentials.maps[0].entries[0].why =
        "cannot look up it: open database /etc/postfix/sasl_passwd.db: Permission denied";
    EXPECT_THAT(diagnose_credentials(facts, configuration_, distribution_), IsEmpty());
}

TEST_F(DiagnoseSaslTest, APasswordInMainCfHasAWayOut) {
    set("smtp_sasl_password_maps", "static:{user:xyzzy}");
    ASSERT_THAT(ids(), ElementsAre("secret_readable"));
    const auto commands = diagnose().at(0).fix;
    EXPECT_THAT(commands,
                Contains("postconf -e smtp_sasl_password_maps=hash:" + path("sasl_passwd")));
    EXPECT_THAT(commands, Not(Contains(HasSubstr("xyzzy"))));
}

TEST_F(DiagnoseSaslTest, MissingPluginsAndDefaultOptionsAreToldApart) {
    set("import_environment", "SASL_PATH=" + path("none"));
    EXPECT_THAT(ids(), ElementsAre("sasl_plugin_missing"));
    EXPECT_THAT(diagnose().at(0).fix.at(0), "apt install libsasl2-modules");

    set("import_environment", "");
    set("smtp_sasl_tls_security_options", "noplaintext, noanonymous");
    EXPECT_THAT(ids(), ElementsAre("noplaintext_default"));
    EXPECT_THAT(diagnose().at(0).fix.at(0),
                "postconf -e smtp_sasl_tls_security_options=noanonymous");

    set("import_environment", "SASL_PATH=" + path("none"));
    EXPECT_THAT(ids(), UnorderedElementsAre("sasl_plugin_missing", "noplaintext_default"));
}

TEST_F(DiagnoseSaslTest, TheOptionsThatCountAreThoseOfTheLevel) {
    set("smtp_sasl_security_options", "noplaintext, noanonymous");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_tls_security_level", "none");
    EXPECT_THAT(ids(), ElementsAre("noplaintext_default"));
    EXPECT_THAT(diagnose().at(0).fix.at(0), "postconf -e smtp_tls_security_level=encrypt");
    set("smtp_tls_security_level", "secure");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_sasl_tls_verified_security_options", "noplaintext");
    EXPECT_THAT(ids(), ElementsAre("noplaintext_default"));
}

TEST_F(DiagnoseSaslTest, AChosenMechanismIsNotMistrusted) {
    set("smtp_sasl_tls_security_options", "noplaintext, noanonymous");
    set("smtp_sasl_mechanism_filter", "cram-md5");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, AFilterThatLeavesNothing) {
    set("smtp_sasl_mechanism_filter", "gssapi");
    EXPECT_THAT(ids(), ElementsAre("mechanism_mismatch"));
    EXPECT_THAT(diagnose().at(0).fix.at(0), "postconf -X smtp_sasl_mechanism_filter");
    EXPECT_THAT(gather().usable_mechanisms.value(), IsEmpty());
    set("smtp_sasl_mechanism_filter", "!gssapi, static:all");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_sasl_mechanism_filter", "plain, login");
    EXPECT_THAT(ids(), IsEmpty());
    set("smtp_sasl_mechanism_filter", "/etc/postfix/mechanisms");
    EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(DiagnoseSaslTest, SettingsThatEndTheSmtpClient) {
    set("smtp_sasl_tls_security_options", "NoPlaintext");
    EXPECT_THAT(ids(), ElementsAre("mechanism_mismatch"));
    set("smtp_sasl_tls_security_options", "noanonymous");
    set("smtp_sasl_type", "dovecot");
    EXPECT_THAT(ids(), ElementsAre("sasl_plugin_missing"));
    set("smtp_sasl_type", "cyrus");
    configuration_.client_sasl_types.clear();
    EXPECT_THAT(ids(), ElementsAre("sasl_plugin_missing"));
    EXPECT_THAT(diagnose().at(0).summary, HasSubstr("built without Cyrus SASL"));
}

TEST_F(DiagnoseSaslTest, ATruncatedPluginCrashesTheClient) {
    const auto folder = folder_ / "plugins";
    std::filesystem::create_directories(folder);
    for (const auto *plugin : {"libplain.so", "liblogin.so"}) {
        std::filesystem::copy(
            std::filesystem::canonical(std::string("/usr/lib/x86_64-linux-gnu/sasl2/") + plugin),
            folder / plugin);
    }
    set("import_environment", "SASL_PATH=" + folder.string());
    EXPECT_THAT(ids(), IsEmpty());
    std::filesystem::resize_file(folder / "liblogin.so", 14000);
    EXPECT_THAT(ids(), ElementsAre("sasl_plugin_missing"));
    EXPECT_THAT(diagnose().at(0).summary, HasSubstr("crashes"));
    EXPECT_THAT(diagnose().at(0).fix.at(0), "apt install --reinstall libsasl2-modules");
}

TEST_F(DiagnoseSaslTest, UnknownSettingsAreAProblem) {
    configuration_.parameters.erase("smtp_sasl_auth_enable");
    EXPECT_THAT(ids(), IsEmpty());
    const auto facts = gather();
    EXPECT_EQ(facts.auth_enabled, std::nullopt);
    EXPECT_EQ(facts.problems.at(0).what, "auth_enabled");
}

TEST_F(DiagnoseSaslTest, ASecondInstanceIsRepairedByItsOwnCommands) {
    instance_.is_default = false;
    instance_.name = "postfix-out";
    set("smtp_sasl_auth_enable", "no");
    EXPECT_THAT(diagnose().at(0).fix,
                ElementsAre("postconf -c " + path("").substr(0, path("").size() - 1) +
                                " -e smtp_sasl_auth_enable=yes",
                            HasSubstr("postfix -c"), HasSubstr("postqueue -c")));
}

TEST_F(DiagnoseSaslTest, TheSectionSaysItAllAndNeverThePassword) {
    const auto facts = gather();
    const auto section = render_sasl(instance_, facts, diagnose(), kNow);
    const std::string text = boost::json::serialize(section);
    EXPECT_THAT(text, Not(HasSubstr("xyzzy")));
    EXPECT_THAT(kept(), Not(HasSubstr("xyzzy")));
    EXPECT_EQ(section.at("auth_enabled").as_bool(), true);
    const auto &map = section.at("credentials_maps").at(0);
    EXPECT_EQ(map.at("type").as_string(), "hash");
    EXPECT_EQ(map.at("source").at("mode").as_string(), "0600");
    EXPECT_EQ(map.at("source").at("owner").as_string(), "root");
    EXPECT_EQ(map.at("fresh").as_bool(), true);
    const auto &entry = map.at("entries").at(0);
    EXPECT_EQ(entry.at("found").as_bool(), true);
    EXPECT_EQ(entry.at("key").as_string(), "[smtp.example.org]:587");
    EXPECT_EQ(entry.at("well_formed").as_bool(), true);

    for (const auto *value :
         {"inline:{[smtp.example.org]:587=user:xyzzy}", "static:user:xyzzy",
          "inline:{[smtp.example.org]:587=user:xyzzy", "unionmap:{static:user:xyzzy}"}) {
        set("smtp_sasl_password_maps", value);
        const auto other = render_sasl(instance_, gather(), diagnose(), kNow);
        EXPECT_THAT(boost::json::serialize(other), Not(HasSubstr("xyzzy"))) << value;
    }
    EXPECT_THAT(kept(), Not(HasSubstr("xyzzy")));
}

}  // namespace
}  // namespace mail_relay
