#include "agent_plugin/postconf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(PostconfSettings, AreNamesAndValues) {
    EXPECT_THAT(
        parse_settings("relayhost = [smtp.example.org]:587\n"
                       "smtp_tls_CAfile =\n"
                       "smtp_header_checks = inline:{ {a = b} }\n"),
        ElementsAre(Pair("relayhost", "[smtp.example.org]:587"), Pair("smtp_tls_CAfile", ""),
                    Pair("smtp_header_checks", "inline:{ {a = b} }")));
}

TEST(PostconfSettings, LeaveOutWhatIsNoSetting) {
    EXPECT_THAT(parse_settings(""), IsEmpty());
    EXPECT_THAT(parse_settings("\n\nno setting\n = value\nname=value\n"), IsEmpty());
    EXPECT_THAT(parse_settings("relayhost = cut"), ElementsAre(Pair("relayhost", "cut")));
}

TEST(PostconfWords, AreOneALine) {
    EXPECT_THAT(parse_words("btree\nhash\n\n lmdb \n"), ElementsAre("btree", "hash", "lmdb"));
    EXPECT_THAT(parse_words(""), IsEmpty());
}

TEST(PostconfServices, HaveNameTypeChrootAndCommand) {
    const auto services = parse_services(
        "smtp       inet  n       -       y       -       -       smtpd\n"
        "smtp       unix  -       -       -       -       -       smtp -o smtp_helo_timeout=5\n"
        "scalemail-backend unix - n       n       -       2       pipe flags=R user=scalemail\n"
        "postlog    unix-dgram n  -       n       -       1       postlogd\n",
        false);
    ASSERT_THAT(services, SizeIs(4));
    EXPECT_EQ(services[0].name, "smtp");
    EXPECT_EQ(services[0].type, "inet");
    EXPECT_TRUE(services[0].chroot);
    EXPECT_EQ(services[0].command, "smtpd");
    EXPECT_FALSE(services[1].chroot);
    EXPECT_EQ(services[1].command, "smtp");
    EXPECT_EQ(services[2].name, "scalemail-backend");
    EXPECT_EQ(services[2].command, "pipe");
    EXPECT_EQ(services[3].type, "unix-dgram");
}

TEST(PostconfServices, ADashIsTheDefaultOfTheVersion) {
    const std::string line = "smtp unix - - - - - smtp\n";
    EXPECT_TRUE(parse_services(line, true).at(0).chroot);
    EXPECT_FALSE(parse_services(line, false).at(0).chroot);
}

TEST(PostconfServices, OfTwoEntriesTheLastOneCounts) {
    const auto services = parse_services(
        "smtp unix - - y - - smtp\nrelay unix - - y - - smtp\nsmtp unix - - n - - lmtp\n", false);
    ASSERT_THAT(services, SizeIs(2));
    EXPECT_FALSE(services[0].chroot);
    EXPECT_EQ(services[0].command, "lmtp");
}

TEST(PostconfServices, LeaveOutIncompleteLines) {
    EXPECT_THAT(parse_services("", true), IsEmpty());
    EXPECT_THAT(parse_services("\nsmtp unix - - - - -\nsmtp\n", true), IsEmpty());
}

TEST(PostconfOverrides, GoToTheirService) {
    auto services = parse_services(
        "smtp unix - - n - - smtp\n"
        "127.0.0.1:2525 inet n - n - - smtpd\n"
        "[::1]:2526 inet n - n - - smtpd\n",
        false);
    add_overrides(services,
                  "smtp/unix/smtp_tls_security_level = encrypt\n"
                  "smtp/unix/smtp_sasl_mechanism_filter = plain, login\n"
                  "127.0.0.1:2525/inet/smtpd_relay_restrictions = permit_mynetworks,reject\n"
                  "[::1]:2526/inet/relayhost =\n");
    EXPECT_THAT(services[0].overrides,
                ElementsAre(Pair("smtp_sasl_mechanism_filter", "plain, login"),
                            Pair("smtp_tls_security_level", "encrypt")));
    EXPECT_THAT(services[1].overrides,
                ElementsAre(Pair("smtpd_relay_restrictions", "permit_mynetworks,reject")));
    EXPECT_THAT(services[2].overrides, ElementsAre(Pair("relayhost", "")));
}

TEST(PostconfOverrides, OfUnknownParametersOrServicesAreNotKept) {
    auto services = parse_services("smtp unix - - n - - smtp\n", false);
    add_overrides(services,
                  "smtp/unix/my_password = secret\n"
                  "smtp/inet/relayhost = [a]\n"
                  "relay/unix/relayhost = [a]\n"
                  "smtp/relayhost = [a]\n"
                  "/relayhost = [a]\n"
                  "relayhost = [a]\n");
    EXPECT_THAT(services[0].overrides, IsEmpty());
}

TEST(PostconfWarnings, AreSaidOnceWithoutValues) {
    EXPECT_THAT(
        parse_warnings("postconf: warning: /etc/postfix/main.cf: unused parameter: db_pass=secret\n"
                       "postconf: warning: /etc/postfix/main.cf: unused parameter: db_pass=secret\n"
                       "/usr/sbin/postconf: warning: /etc/postfix/main.cf, line 9: overriding "
                       "earlier entry: relayhost=[a]\n"
                       "postconf: warning: /etc/postfix/main.cf: logical line must not start with "
                       "whitespace: \"  secret\"\n"
                       "postconf: fatal: not a warning\nother\n"),
        ElementsAre("/etc/postfix/main.cf: unused parameter: db_pass",
                    "/etc/postfix/main.cf, line 9: overriding earlier entry: relayhost",
                    "/etc/postfix/main.cf: logical line must not start with whitespace"));
}

TEST(PostconfWarnings, AreBounded) {
    std::string standard_error;
    for (int i = 0; i < 1000; ++i) {
        standard_error += "postconf: warning: " + std::to_string(i) + std::string(1000, 'x') + "\n";
    }
    const auto warnings = parse_warnings(standard_error);
    EXPECT_THAT(warnings, SizeIs(50));
    EXPECT_THAT(warnings[0], SizeIs(300));
}

TEST(PostconfFatal, SaysWhereButNotWhat) {
    EXPECT_EQ(parse_fatal("postconf: fatal: /etc/postfix/main.cf, line 1: missing '=' after "
                          "attribute name: \"secret\"\n"),
              "/etc/postfix/main.cf, line 1: missing '=' after attribute name");
    EXPECT_EQ(parse_fatal("postconf: fatal: file /etc/postfix/master.cf: line 144: bad field "
                          "count\n"),
              "file /etc/postfix/master.cf: line 144: bad field count");
    EXPECT_EQ(parse_fatal("postconf: warning: empty macro name: \"$bar$\"\n"
                          "postconf: fatal: macro processing error\n"),
              "macro processing error after: empty macro name: \"$bar$\"");
    EXPECT_EQ(parse_fatal("postconf: fatal: macro processing error"), "macro processing error");
    EXPECT_EQ(parse_fatal("postconf: warning: nothing bad\n"), std::nullopt);
    EXPECT_EQ(parse_fatal(""), std::nullopt);
}

struct ChrootCase {
    const char *name;
    const char *version;
    const char *level;
    bool chroot;
};

class DefaultChrootTest : public testing::TestWithParam<ChrootCase> {};

TEST_P(DefaultChrootTest, DependsOnVersionAndCompatibilityLevel) {
    Configuration configuration;
    configuration.parameters = {{"mail_version", GetParam().version},
                                {"compatibility_level", GetParam().level}};
    EXPECT_EQ(default_chroot(configuration), GetParam().chroot);
}

INSTANTIATE_TEST_SUITE_P(Versions, DefaultChrootTest,
                         testing::Values(ChrootCase{"Old", "2.11.3", "", true},
                                         ChrootCase{"NeverSet", "3.7.11", "0", true},
                                         ChrootCase{"Level1", "3.7.11", "1", false},
                                         ChrootCase{"Current", "3.7.11", "3.6", false},
                                         ChrootCase{"Unknown", "", "", false}),
                         [](const auto &row) { return row.param.name; });

TEST(CompatibilityLevel, IsTwoNumbers) {
    Configuration configuration;
    EXPECT_EQ(compatibility_level(configuration), std::nullopt);
    configuration.parameters["compatibility_level"] = "2";
    EXPECT_EQ(compatibility_level(configuration), std::pair(2, 0));
    configuration.parameters["compatibility_level"] = "3.11";
    EXPECT_GT(compatibility_level(configuration), std::pair(3, 6));
    configuration.parameters["compatibility_level"] = "x";
    EXPECT_EQ(compatibility_level(configuration), std::nullopt);
}

}  // namespace
}  // namespace mail_relay
