#include "agent_plugin/object_summary.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <string>

namespace mail_relay {
namespace {

std::string summary_of(std::string_view section, std::string_view text) {
    return summarise_object(section, boost::json::parse(text).as_object());
}

/// The object of a golden output.
std::string golden_summary(const std::string &file, const std::string &section, int row = 0) {
    std::ifstream stream("../golden/" + file + ".txt");
    bool is_inside = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("<<<")) {
            is_inside = line.starts_with("<<<" + section + ":");
        } else if (is_inside && row-- == 0) {
            return summary_of(section, line);
        }
    }
    return "no such line";
}

TEST(ObjectSummary, ATransportThatIsNoSmtpClientIsNamed) {
    EXPECT_EQ(summary_of("mail_relay_config",
                         R"({"relayhost": "", "delivery_service": {"command": "discard"}})"),
              "no mail leaves by SMTP: default_transport is discard");
}

TEST(ObjectSummary, OfEverySection) {
    EXPECT_EQ(golden_summary("healthy_satellite", "mail_relay_service"),
              "Postfix 3.5.25 is running for 24 hours, 40.0 GiB free in its spool");
    EXPECT_EQ(golden_summary("healthy_satellite", "mail_relay_queue"),
              "1 message waits, the oldest for 2 seconds");
    EXPECT_EQ(golden_summary("healthy_satellite", "mail_relay_config"),
              "mail goes through relay.example.org");
    EXPECT_EQ(golden_summary("scenario_a", "mail_relay_config"),
              "no relayhost: mail goes to the recipients' own servers");
    EXPECT_EQ(golden_summary("healthy_satellite", "mail_relay_sasl"), "log-in to the relay is off");
    EXPECT_EQ(golden_summary("healthy_satellite", "mail_relay_tls"),
              "level may towards relay.example.org");
    EXPECT_EQ(golden_summary("connection", "mail_relay_connection"),
              "smtp.example.org port 587 answers, TLSv1.3, certificate valid until 2027-01-20, "
              "AUTH PLAIN, LOGIN");
    EXPECT_EQ(golden_summary("connection", "mail_relay_connection", 5),
              "not looked at: mail is delivered to the recipients' own servers, and direct_mx "
              "names none to look at");
    EXPECT_EQ(golden_summary("deliveries", "mail_relay_deliveries"),
              "57 sent and 0 lost in the last 24 hours, the last one sent 5 minutes ago");
    EXPECT_EQ(golden_summary("notifications", "mail_relay_notifications"),
              "0 waiting, 7 sent in the last 24 hours");
}

TEST(ObjectSummary, TheReasonOfWaitingMailIsTold) {
    const std::string queues = R"({"queues":{"deferred":{"messages":13}},"deferral_reasons":[)";
    const std::string reason = R"("sample":"connect to mx.test[192.0.2.1]:25: timed out"}]})";
    EXPECT_EQ(summary_of("mail_relay_queue", queues + R"({"messages":13,)" + reason),
              "13 messages wait: connect to mx.test[192.0.2.1]:25: timed out");
    EXPECT_EQ(summary_of("mail_relay_queue", queues + R"({"messages":12,)" + reason),
              "13 messages wait; 12 of them: connect to mx.test[192.0.2.1]:25: timed out");
    EXPECT_EQ(summary_of("mail_relay_queue", queues + R"(7,{"messages":12,"sample":null}]})"),
              "13 messages wait");
}

TEST(ObjectSummary, FewMechanismsAreNamed) {
    EXPECT_EQ(summary_of("mail_relay_sasl", R"({"auth_enabled":true,"usable_mechanisms":)"
                                            R"(["CRAM-MD5","LOGIN","NTLM","PLAIN"]})"),
              "the smtp client can log on with PLAIN, LOGIN and 2 others");
    EXPECT_EQ(summary_of("mail_relay_sasl",
                         R"({"auth_enabled":true,"usable_mechanisms":["CRAM-MD5","NTLM"]})"),
              "the smtp client can log on with CRAM-MD5, NTLM");
    EXPECT_EQ(summary_of("mail_relay_sasl",
                         R"({"auth_enabled":true,"usable_mechanisms":["LOGIN","PLAIN"]})"),
              "the smtp client can log on with LOGIN, PLAIN");
}

TEST(ObjectSummary, WhatIsNotThereIsNotTold) {
    for (const char *section :
         {"mail_relay_queue", "mail_relay_deliveries", "mail_relay_connection", "mail_relay_new"}) {
        EXPECT_EQ(summary_of(section, "{}"), "") << section;
    }
    EXPECT_EQ(summary_of("mail_relay_queue", R"({"queues":{"hold":5,"deferred":{"messages":0}}})"),
              "nothing waits");
}

TEST(ObjectSummary, TitlesOfSections) {
    EXPECT_EQ(section_title("mail_relay_queue"), "Queue");
    EXPECT_EQ(section_title("mail_relay_new"), "mail_relay_new");
}

TEST(ObjectSummary, SpansAreReadable) {
    EXPECT_EQ(format_span(-5), "0 seconds");
    EXPECT_EQ(format_span(1), "1 second");
    EXPECT_EQ(format_span(119), "119 seconds");
    EXPECT_EQ(format_span(120), "2 minutes");
    EXPECT_EQ(format_span(std::int64_t{2} * 3600), "2 hours");
    EXPECT_EQ(format_span(std::int64_t{3} * 86400), "3 days");
}

}  // namespace
}  // namespace mail_relay
