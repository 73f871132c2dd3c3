#include "agent_plugin/diagnose_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DiagnoseValuesTest : public testing::Test {
  protected:
    DiagnoseValuesTest() {
        instance_.name = "postfix";
        instance_.is_default = true;
    }

    Findings diagnose() const {
        return diagnose_values(configuration_, Repair(instance_, configuration_));
    }

    Instance instance_;
    Configuration configuration_;
};

TEST_F(DiagnoseValuesTest, WhatPostfixTakesIsNoFault) {
    EXPECT_THAT(diagnose(), IsEmpty()) << "nothing is known";
    for (const auto &[name, value] :
         {std::pair("maximal_queue_lifetime", "5d"), std::pair("maximal_queue_lifetime", "100"),
          std::pair("maximal_queue_lifetime", "0"), std::pair("queue_run_delay", "300s"),
          std::pair("smtp_connect_timeout", "2w"), std::pair("smtp_sasl_auth_enable", "YES"),
          std::pair("smtp_use_tls", "No"), std::pair("message_size_limit", "0"),
          std::pair("smtp_connect_timeout", "")}) {
        configuration_.parameters = {{name, value}};
        EXPECT_THAT(diagnose(), IsEmpty()) << name << " = " << value;
    }
}

TEST_F(DiagnoseValuesTest, WhatEndsItsProgramsIsCritical) {
    for (const auto &[name, value] :
         {std::pair("maximal_queue_lifetime", "5x"), std::pair("maximal_queue_lifetime", "5D"),
          std::pair("maximal_queue_lifetime", "5 d"), std::pair("maximal_queue_lifetime", "-1"),
          std::pair("bounce_queue_lifetime", "200d"), std::pair("minimal_backoff_time", "1.5h"),
          std::pair("smtp_connect_timeout", "30 seconds"), std::pair("message_size_limit", "10M"),
          std::pair("qmgr_message_active_limit", "abc"), std::pair("smtp_sasl_auth_enable", "ture"),
          std::pair("smtp_tls_wrappermode", "on")}) {
        configuration_.parameters = {{name, value}};
        ASSERT_THAT(diagnose(), SizeIs(1)) << name << " = " << value;
        EXPECT_EQ(diagnose()[0].severity, Severity::kCrit);
        EXPECT_THAT(diagnose()[0].fix, ElementsAre(std::string("postconf -X ") + name,
                                                   "systemctl restart postfix", "postqueue -f"));
    }
    EXPECT_EQ(diagnose()[0].evidence, "smtp_tls_wrappermode = on is not yes or no");
}

TEST_F(DiagnoseValuesTest, ValuesOfMasterCfAreFoundWithTheirService) {
    configuration_.services = {{.name = "submit",
                                .type = "unix",
                                .chroot = false,
                                .command = "smtp",
                                .overrides = {{"smtp_connect_timeout", "5 s"}}}};
    ASSERT_THAT(diagnose(), SizeIs(1));
    EXPECT_EQ(diagnose()[0].evidence, "submit/unix/smtp_connect_timeout = 5 s is not a time");
    EXPECT_EQ(diagnose()[0].fix[0], "postconf -PX submit/unix/smtp_connect_timeout");
}

}  // namespace
}  // namespace mail_relay
