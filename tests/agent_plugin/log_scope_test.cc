#include "agent_plugin/log_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MasterService service_named(const std::string &syslog_name) {
    MasterService service;
    service.overrides["syslog_name"] = syslog_name;
    return service;
}

class LogScopeTest : public testing::Test {
  protected:
    LogScopeTest() {
        instance_.name = "postfix";
        configuration_.parameters = {{"syslog_name", "postfix"},
                                     {"relayhost", "[smtp.example.org]:587"},
                                     {"myhostname", "mail.example.org"}};
        configuration_.services = {service_named("postfix/relay"), service_named("postfix/relay"),
                                   service_named("outgoing"), service_named("")};
    }

    LogScope scope() const { return log_scope(configuration_, instance_, {{"mysite", 999}}); }

    void make_second_instance() {
        instance_ = {"postfix-out", "/etc/postfix-out", false, true};
        configuration_.parameters["syslog_name"] = "postfix-out";
    }

    Instance instance_;
    Configuration configuration_;
};

TEST_F(LogScopeTest, NamesOfServicesThatLieBelowTheInstancesNeedNoMention) {
    EXPECT_THAT(scope().syslog_names, ElementsAre("postfix", "outgoing"));
    EXPECT_THAT(scope().relayhosts, ElementsAre("smtp.example.org"));
    EXPECT_THAT(scope().own_domains, testing::Contains("mail.example.org"));
}

TEST_F(LogScopeTest, AloneAnInstanceSharesNoName) {
    EXPECT_THAT(scope().shared_names, IsEmpty());
}

TEST_F(LogScopeTest, TheFirstOfSeveralInstancesSharesWhatLiesBelowItsName) {
    configuration_.parameters["multi_instance_directories"] = "/etc/postfix-out";
    EXPECT_THAT(scope().shared_names, ElementsAre("postfix/relay"));
    EXPECT_TRUE(program_in_scope(scope(), "postfix/relay/smtp")->is_shared);
    EXPECT_FALSE(program_in_scope(scope(), "postfix/smtp")->is_shared);
    EXPECT_FALSE(program_in_scope(scope(), "postfix-out/smtp"));
}

TEST_F(LogScopeTest, AFurtherInstanceSharesWhatDoesNotLieBelowItsName) {
    make_second_instance();
    EXPECT_THAT(scope().syslog_names, ElementsAre("postfix-out", "postfix/relay", "outgoing"));
    EXPECT_THAT(scope().shared_names, ElementsAre("postfix/relay", "outgoing"));
    const auto program = program_in_scope(scope(), "postfix/relay/smtp");
    ASSERT_TRUE(program);
    EXPECT_EQ(program->program, "smtp");
    EXPECT_TRUE(program->is_shared);
    EXPECT_FALSE(program_in_scope(scope(), "postfix/smtp"));
}

TEST_F(LogScopeTest, AnInstanceWithoutSyslogNameLogsUnderItsOwn) {
    make_second_instance();
    configuration_.parameters["syslog_name"] = "";
    configuration_.services.clear();
    EXPECT_THAT(scope().syslog_names, ElementsAre("postfix-out"));
}

}  // namespace
}  // namespace mail_relay
