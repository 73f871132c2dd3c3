#include "agent_plugin/render_doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mail_relay {
namespace {

using testing::HasSubstr;
using testing::Not;

DoctorReport sick() {
    DoctorReport report;
    report.has_postfix = true;
    report.complaints = {
        {.id = "sasl_plugin_missing",
         .severity = Severity::kCrit,
         .item = "postfix",
         .sections = {"mail_relay_sasl"},
         .summary = "No SASL plug-in for PLAIN or LOGIN can be used: the smtp client cannot log on",
         .evidence = {"/usr/lib/x86_64-linux-gnu/sasl2 offers no mechanism"},
         .fix = {"apt install libsasl2-modules", "systemctl restart postfix"}},
        {.id = "held_mail",
         .severity = Severity::kWarn,
         .item = "postfix-out",
         .sections = {"mail_relay_queue"},
         .summary = "1 message is on hold",
         .evidence = {},
         .fix = {}}};
    report.unknown = {{{"mail_relay_deliveries"}, "postfix", "cannot open /var/log/mail.log"}};
    report.fine = {{"mail_relay_tls", "postfix", "level encrypt"},
                   {"mail_relay_notifications", "mysite", "2 waiting", false}};
    return report;
}

const Patient kPatient{"mail.example.org", "Debian GNU/Linux 12 (bookworm)", true};

TEST(RenderDoctor, TellsWhatIsWrongHowToRepairItAndWhatIsFine) {
    EXPECT_EQ(render_doctor(sick(), kPatient, {70, false}),
              "Mail relay doctor " MAIL_RELAY_VERSION
              ": mail.example.org, Debian GNU/Linux 12\n"
              "(bookworm)\n"
              "\n"
              "CRIT  No SASL plug-in for PLAIN or LOGIN can be used: the smtp client\n"
              "      cannot log on\n"
              "      Seen: /usr/lib/x86_64-linux-gnu/sasl2 offers no mechanism\n"
              "      Repair:\n"
              "          apt install libsasl2-modules\n"
              "          systemctl restart postfix\n"
              "\n"
              "WARN  1 message is on hold (postfix-out)\n"
              "\n"
              "?     Deliveries: cannot open /var/log/mail.log\n"
              "OK    TLS: level encrypt\n"
              "-     Notifications (mysite): 2 waiting\n"
              "\n"
              "1 grave fault, 1 warning, 1 thing that could not be found out. Repair\n"
              "the first one, then run this again: causes hide each other.\n");
}

TEST(RenderDoctor, NothingWrongIsSaid) {
    DoctorReport report;
    report.has_postfix = true;
    EXPECT_THAT(render_doctor(report, kPatient, {}), HasSubstr("Nothing is wrong.\n"));
}

TEST(RenderDoctor, MailThatWaitsIsNotHiddenBehindNothingWrong) {
    DoctorReport report;
    report.has_postfix = true;
    report.fine = {{"mail_relay_queue", "postfix", "1 message waits: greylisted", false}};
    const auto text = render_doctor(report, kPatient, {});
    EXPECT_THAT(text, Not(HasSubstr("Nothing is wrong.")));
    EXPECT_THAT(text, HasSubstr("but mail waits: the line Queue tells"));
}

TEST(RenderDoctor, WhatSeveralSectionsCouldNotFindOutIsALine) {
    DoctorReport report;
    report.has_postfix = true;
    report.unknown = {{{"mail_relay_config", "mail_relay_tls"}, "postfix", "postconf: no"}};
    EXPECT_THAT(render_doctor(report, kPatient, {}),
                HasSubstr("?     Configuration, TLS: postconf: no\n"));
}

TEST(RenderDoctor, NoticesAreALineAtTheEnd) {
    DoctorReport report;
    report.has_postfix = true;
    report.complaints = {{.id = "berkeley_db_maps",
                          .severity = Severity::kInfo,
                          .item = "postfix",
                          .sections = {"mail_relay_config"},
                          .summary = "Tables use Berkeley DB",
                          .evidence = {"hash:/etc/aliases"},
                          .fix = {"postmap lmdb:/etc/aliases"}}};
    report.fine = {{"mail_relay_tls", "postfix", "level encrypt"}};
    EXPECT_THAT(render_doctor(report, kPatient, {}),
                HasSubstr("OK    TLS: level encrypt\n"
                          "INFO  Tables use Berkeley DB; commands with --json\n"
                          "\n"
                          "Nothing is wrong.\n"));
}

TEST(RenderDoctor, SaysThatThereIsNoPostfix) {
    EXPECT_THAT(render_doctor(DoctorReport(), kPatient, {}), HasSubstr("no Postfix on this host"));
}

TEST(RenderDoctor, SaysThatItWasNotStartedAsRoot) {
    auto patient = kPatient;
    patient.as_root = false;
    EXPECT_THAT(render_doctor(sick(), patient, {}), HasSubstr("Not started as root"));
}

TEST(RenderDoctor, ColourIsForTerminals) {
    EXPECT_THAT(render_doctor(sick(), kPatient, {80, true}), HasSubstr("\033[1;31mCRIT  \033[0m"));
    EXPECT_THAT(render_doctor(sick(), kPatient, {80, false}), Not(HasSubstr("\033")));
}

TEST(RenderDoctor, ATerminalDoesNotObeyWhatOthersWrote) {
    auto report = sick();
    report.complaints[0].evidence = {
        "relay said: \033]0;owned\a\xff \x9b"
        "31m"};
    report.complaints[0].fix = {"echo \033[2J"};
    const auto text = render_doctor(report, kPatient, {80, false});
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, HasSubstr("relay said: ?]0;owned?? ?31m"));
}

TEST(RenderDoctor, CommandsAreNeverBroken) {
    auto report = sick();
    report.complaints[0].fix = {"postconf -e " + std::string(200, 'x')};
    EXPECT_THAT(render_doctor(report, kPatient, {60, false}),
                HasSubstr("\n          postconf -e " + std::string(200, 'x') + "\n"));
}

TEST(RenderDoctor, AsJsonForPrograms) {
    const auto object = render_doctor_json(sick(), kPatient, 1795246145);
    EXPECT_EQ(object.at("exit_status"), 2);
    EXPECT_EQ(object.at("host"), "mail.example.org");
    const auto &finding = object.at("findings").as_array().at(0).as_object();
    EXPECT_EQ(boost::json::serialize(finding),
              R"({"id":"sasl_plugin_missing","severity":"crit","item":"postfix",)"
              R"("sections":["mail_relay_sasl"],"summary":"No SASL plug-in for PLAIN or LOGIN )"
              R"(can be used: the smtp client cannot log on","evidence":[)"
              R"("/usr/lib/x86_64-linux-gnu/sasl2 offers no mechanism"],)"
              R"("fix":["apt install libsasl2-modules","systemctl restart postfix"]})");
    EXPECT_EQ(object.at("unknown").as_array().size(), 1U);
    EXPECT_EQ(object.at("fine").as_array().size(), 2U);
}

}  // namespace
}  // namespace mail_relay
