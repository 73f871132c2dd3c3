#include "agent_plugin/diagnose_transports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DiagnoseTransportsTest : public testing::Test {
  protected:
    DiagnoseTransportsTest() {
        instance_.is_default = true;
        configuration_.parameters = {{"default_transport", "smtp"}, {"relay_transport", "relay"}};
        for (const auto *name : {"cleanup", "qmgr", "rewrite", "smtp"}) {
            configuration_.services.push_back(
                {.name = name, .type = "unix", .chroot = false, .command = name, .overrides = {}});
        }
    }

    void set(const std::string &name, const std::string &value) {
        configuration_.parameters[name] = value;
        configuration_.set_in_main_cf.push_back(name);
    }

    Findings diagnose() const {
        return diagnose_transports(configuration_, Repair(instance_, configuration_));
    }

    /// The only finding.
    Finding found() const {
        const Findings findings = diagnose();
        EXPECT_EQ(findings.size(), 1U);
        return findings.empty() ? Finding{} : findings.front();
    }

    Instance instance_;
    Configuration configuration_;
};

TEST_F(DiagnoseTransportsTest, AUsualMasterCfHasNoFindings) {
    EXPECT_THAT(diagnose(), IsEmpty());
    configuration_.services[1].type = "fifo";  // as before Postfix 3.3
    EXPECT_THAT(diagnose(), IsEmpty());
    configuration_.services.clear();  // not known
    EXPECT_THAT(diagnose(), IsEmpty());
}

TEST_F(DiagnoseTransportsTest, WithoutTheQueueManagerMailStays) {
    configuration_.services.erase(configuration_.services.begin() + 1);
    EXPECT_EQ(found().id, "service_missing");
    EXPECT_EQ(found().severity, Severity::kCrit);
    EXPECT_EQ(found().evidence, "master.cf has no qmgr");
}

TEST_F(DiagnoseTransportsTest, ASmtpServerIsNoSmtpClient) {
    configuration_.services.back().type = "inet";
    EXPECT_EQ(found().evidence, "master.cf has no smtp, which default_transport names");
    EXPECT_THAT(found().fix, ElementsAre("postconf -M 'smtp/unix=smtp unix - - n - - smtp'",
                                         "postfix reload", "postqueue -f"));
}

TEST_F(DiagnoseTransportsTest, TransportsThatAreUsedAreNeeded) {
    set("default_transport", "nosuch:[gateway.example.org]");
    EXPECT_EQ(found().evidence, "master.cf has no nosuch, which default_transport names");
    set("default_transport", "smtp");
    configuration_.parameters["relay_domains"] = "host.example.org";  // its default
    EXPECT_THAT(diagnose(), IsEmpty());
    set("relay_domains", "example.org");
    EXPECT_EQ(found().evidence, "master.cf has no relay, which relay_transport names");
}

TEST_F(DiagnoseTransportsTest, WhatIsKeptOrThrownAwayByIntentionIsTold) {
    set("defer_transports", "relay, smtp");
    EXPECT_EQ(found().id, "transport_deferred");
    EXPECT_EQ(found().severity, Severity::kWarn);
    set("defer_transports", "relay");
    EXPECT_THAT(diagnose(), IsEmpty());
    configuration_.services.push_back(
        {.name = "off", .type = "unix", .chroot = false, .command = "discard", .overrides = {}});
    EXPECT_THAT(diagnose(), IsEmpty());
    set("default_transport", "off");
    EXPECT_EQ(found().id, "mail_discarded");
    EXPECT_THAT(found().fix, ElementsAre("postconf -X default_transport", "postfix reload"));
}

}  // namespace
}  // namespace mail_relay
