#include "agent_plugin/finding.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

TEST(Finding, AreasAndSeveritiesAreSpeltAsInSections) {
    EXPECT_EQ(area_name(Area::kService), "service");
    EXPECT_EQ(area_name(Area::kQueue), "queue");
    EXPECT_EQ(area_name(Area::kConfig), "config");
    EXPECT_EQ(area_name(Area::kSasl), "sasl");
    EXPECT_EQ(area_name(Area::kTls), "tls");
    EXPECT_EQ(area_name(Area::kConnection), "connection");
    EXPECT_EQ(area_name(Area::kDeliveries), "deliveries");
    EXPECT_EQ(area_name(Area::kNotifications), "notifications");
    EXPECT_EQ(severity_name(Severity::kInfo), "info");
    EXPECT_EQ(severity_name(Severity::kWarn), "warn");
    EXPECT_EQ(severity_name(Severity::kCrit), "crit");
}

}  // namespace
}  // namespace mail_relay
