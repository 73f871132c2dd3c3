#include "agent_plugin/repair.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

class RepairTest : public testing::Test {
  protected:
    RepairTest() {
        instance_.name = "postfix";
        instance_.config_directory = "/etc/postfix";
        configuration_.parameters = {{"default_transport", "smtp"}};
        configuration_.services = {{"smtp", "inet", false, "smtpd", {}},
                                   {"smtp", "unix", true, "smtp", {{"relayhost", "[a]"}}}};
    }

    /// A second instance, in a folder whose name a shell would take apart.
    void make_other() {
        instance_.name = "postfix-out";
        instance_.config_directory = "/etc/postfix out";
        instance_.is_default = false;
    }

    Repair repair() const { return {instance_, configuration_}; }

    Instance instance_;
    Configuration configuration_;
};

TEST_F(RepairTest, SetsParametersOfMainCf) {
    EXPECT_EQ(repair().set("myhostname", "mx.example.org"),
              "postconf -e myhostname=mx.example.org");
    EXPECT_EQ(repair().remove("myhostname"), "postconf -X myhostname");
}

TEST_F(RepairTest, SetsTheNextHopWhereItCounts) {
    configuration_.services[1].overrides.clear();
    EXPECT_EQ(repair().set_next_hop("[b]:587"), "postconf -e 'relayhost=[b]:587'");
    configuration_.parameters["relayhost"] = "[unused]";
    configuration_.parameters["default_transport"] = "smtp:[a]";
    EXPECT_EQ(repair().set_next_hop("[b]:587"), "postconf -e 'default_transport=smtp:[b]:587'");
}

TEST_F(RepairTest, QuotesWhatAShellWouldTakeApart) {
    EXPECT_EQ(repair().set("smtp_sasl_password_maps", "hash:/a b, static:$x`id`'"),
              R"(postconf -e 'smtp_sasl_password_maps=hash:/a b, static:$x`id`'\''')");
}

TEST_F(RepairTest, SetsWhatMasterCfOverridesThere) {
    EXPECT_EQ(repair().set("relayhost", "[b]:587"), "postconf -P 'smtp/unix/relayhost=[b]:587'");
    EXPECT_EQ(repair().remove("relayhost"), "postconf -PX smtp/unix/relayhost");
}

TEST_F(RepairTest, AddsATransport) {
    EXPECT_EQ(repair().add_service("smtp", "smtp"),
              "postconf -M 'smtp/unix=smtp unix - - n - - smtp'");
}

TEST_F(RepairTest, WithoutADeliveryServiceMainCfIsAllThereIs) {
    configuration_.services.clear();
    EXPECT_EQ(repair().set("relayhost", "b"), "postconf -e relayhost=b");
}

TEST_F(RepairTest, AnotherInstanceIsNamedInEachCommand) {
    make_other();
    EXPECT_EQ(repair().set("relayhost", "b"),
              "postconf -c '/etc/postfix out' -P smtp/unix/relayhost=b");
    EXPECT_EQ(repair().remove("myorigin"), "postconf -c '/etc/postfix out' -X myorigin");
    EXPECT_EQ(repair().reload(), "postfix -c '/etc/postfix out' reload");
    EXPECT_EQ(repair().restart(),
              "postfix -c '/etc/postfix out' stop; postfix -c '/etc/postfix out' start");
    EXPECT_EQ(repair().flush(), "postqueue -c '/etc/postfix out' -f");
}

TEST_F(RepairTest, TheDefaultInstanceIsRestartedByItsService) {
    EXPECT_EQ(repair().restart(), "systemctl restart postfix");
    EXPECT_EQ(repair().reload(), "postfix reload");
    EXPECT_EQ(repair().flush(), "postqueue -f");
}

TEST_F(RepairTest, BuildsTablesOfTheTypeThisPostfixMakes) {
    const TableName table = repair().table_of_default_type("sasl_passwd");
    EXPECT_EQ(repair().build(table), "postmap hash:/etc/postfix/sasl_passwd");
    configuration_.parameters["default_database_type"] = "lmdb";
    EXPECT_EQ(repair().table_of_default_type("generic").type, "lmdb");
}

TEST_F(RepairTest, BuildsATableThatIsReadThroughAProxy) {
    const auto tables = parse_table_list("proxy:lmdb:/etc/postfix/x");
    ASSERT_TRUE(tables);
    EXPECT_EQ(repair().build(tables->front()), "postmap lmdb:/etc/postfix/x");
}

}  // namespace
}  // namespace mail_relay
