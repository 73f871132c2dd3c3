#include "agent_plugin/doctor_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mail_relay {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

json::object finding(const char *id, const char *severity, const char *summary = "It is broken",
                     const char *evidence = "seen", const char *fix = "repair it") {
    return {{"id", id},
            {"severity", severity},
            {"summary", summary},
            {"evidence", evidence},
            {"fix", json::array{fix}}};
}

ReportPart part(const char *section, std::initializer_list<json::object> findings,
                const char *item = "postfix") {
    ReportPart made{section, item, {{"instance", item}, {"problems", json::array()}}};
    json::array rows;
    for (const auto &row : findings) {
        rows.emplace_back(row);
    }
    made.object["findings"] = std::move(rows);
    return made;
}

std::vector<std::string> ids(const DoctorReport &report) {
    std::vector<std::string> found;
    for (const auto &complaint : report.complaints) {
        found.push_back(complaint.id);
    }
    return found;
}

TEST(DoctorReport, GraveComesFirstAndACauseBeforeItsSymptom) {
    const auto report = make_doctor_report(
        {part("mail_relay_queue", {finding("deferred_old", "crit"), finding("held_mail", "warn")}),
         part("mail_relay_config", {finding("old_compatibility_level", "info")}),
         part("mail_relay_sasl", {finding("sasl_plugin_missing", "crit")}),
         part("mail_relay_service", {finding("master_down", "crit")})});
    EXPECT_THAT(ids(report), ElementsAre("master_down", "sasl_plugin_missing", "deferred_old",
                                         "held_mail", "old_compatibility_level"));
    EXPECT_EQ(report.exit_status(), 2);
}

TEST(DoctorReport, WhatTwoSectionsSayIsSaidOnce) {
    const auto report = make_doctor_report(
        {part("mail_relay_tls", {finding("tls_port_without_wrapper", "warn", "Port 465",
                                         "by its "
                                         "number")}),
         part("mail_relay_connection",
              {finding("tls_port_without_wrapper", "crit", "It speaks TLS", "by a look")})});
    ASSERT_THAT(report.complaints, SizeIs(1));
    const auto &complaint = report.complaints[0];
    EXPECT_EQ(complaint.severity, Severity::kCrit);
    EXPECT_EQ(complaint.summary, "It speaks TLS");
    EXPECT_THAT(complaint.evidence, ElementsAre("by its number", "by a look"));
    EXPECT_THAT(complaint.sections, ElementsAre("mail_relay_tls", "mail_relay_connection"));
}

TEST(DoctorReport, TheSameOfAnotherTableOrInstanceIsAnotherMatter) {
    const auto report = make_doctor_report(
        {part("mail_relay_config",
              {finding("map_stale", "warn", "One"), finding("map_stale", "warn", "Two")}),
         part("mail_relay_config", {finding("map_stale", "warn", "One")}, "postfix-out")});
    EXPECT_THAT(report.complaints, SizeIs(3));
}

TEST(DoctorReport, NothingWrongIsFine) {
    const auto report =
        make_doctor_report({part("mail_relay_tls", {}),
                            part("mail_relay_config", {finding("berkeley_db_maps", "info")})});
    EXPECT_EQ(report.exit_status(), 0);
    EXPECT_THAT(report.fine, SizeIs(2));
}

TEST(DoctorReport, WhatIsNotKnownIsNotFine) {
    auto broken = part("mail_relay_queue", {});
    broken.object["problems"] =
        json::array{json::object{{"what", "deferred"}, {"error", "cannot open it"}}};
    const auto report = make_doctor_report({broken});
    ASSERT_THAT(report.unknown, SizeIs(1));
    EXPECT_EQ(report.unknown[0].error, "cannot open it");
    EXPECT_THAT(report.fine, IsEmpty());
    EXPECT_EQ(report.exit_status(), 1);
}

TEST(DoctorReport, WhatSeveralSectionsCouldNotFindOutIsToldOnce) {
    std::vector<ReportPart> parts;
    for (const char *section : {"mail_relay_config", "mail_relay_tls"}) {
        parts.push_back(part(section, {}));
        parts.back().object["problems"] =
            json::array{json::object{{"what", "settings"}, {"error", "postconf does not answer"}}};
    }
    const auto report = make_doctor_report(parts);
    ASSERT_THAT(report.unknown, SizeIs(1));
    EXPECT_THAT(report.unknown[0].sections, ElementsAre("mail_relay_config", "mail_relay_tls"));
}

TEST(DoctorReport, AConfigurationThatIsRejectedComesBeforeTheStartThatItPrevents) {
    const auto report = make_doctor_report(
        {part("mail_relay_service", {finding("master_down", "crit")}),
         part("mail_relay_config", {finding("configuration_rejected", "crit")})});
    EXPECT_THAT(ids(report), ElementsAre("configuration_rejected", "master_down"));
}

TEST(DoctorReport, AHostWithoutPostfixIsNotFine) {
    const auto report = make_doctor_report({});
    EXPECT_FALSE(report.has_postfix);
    EXPECT_EQ(report.exit_status(), 1);
}

TEST(DoctorReport, TakesObjectsOfAnyShape) {
    ReportPart odd{"mail_relay_odd", "postfix", {{"findings", 5}, {"problems", json::array{1}}}};
    EXPECT_THAT(make_doctor_report({odd}).fine, SizeIs(1));
    odd.object["findings"] = json::array{json::object{{"fix", json::array{7}}}, "text"};
    EXPECT_THAT(make_doctor_report({odd}).complaints, SizeIs(1));
}

}  // namespace
}  // namespace mail_relay
