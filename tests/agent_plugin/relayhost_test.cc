#include "agent_plugin/relayhost.h"

#include <gtest/gtest.h>

namespace mail_relay {
namespace {

struct Case {
    std::string name;
    std::string written;
    std::string host;
    std::string service;
    std::uint16_t port;
    bool mx_lookup;
    bool is_address;
};

class RelayhostTest : public testing::TestWithParam<Case> {};

TEST_P(RelayhostTest, IsReadAsPostfixReadsIt) {
    const auto &row = GetParam();
    const auto relayhost = parse_relayhost(row.written);
    ASSERT_TRUE(relayhost) << relayhost.error().message();
    EXPECT_EQ(relayhost->written, row.written);
    EXPECT_EQ(relayhost->host, row.host);
    EXPECT_EQ(relayhost->service, row.service);
    EXPECT_EQ(relayhost->port, row.port);
    EXPECT_EQ(relayhost->mx_lookup, row.mx_lookup);
    EXPECT_EQ(relayhost->is_address, row.is_address);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RelayhostTest,
    testing::Values(
        Case{"Brackets", "[smtp.example.org]", "smtp.example.org", "", 25, false, false},
        Case{"Port", "[smtp.example.org]:587", "smtp.example.org", "587", 587, false, false},
        Case{"ServiceName", "[h.example.org]:submission", "h.example.org", "submission", 587, false,
             false},
        Case{"EmptyService", "[h.example.org]:", "h.example.org", "", 25, false, false},
        Case{"Domain", "example.org", "example.org", "", 25, true, false},
        Case{"DomainAndPort", "example.org:26", "example.org", "26", 26, true, false},
        Case{"SingleLabel", "mailhub", "mailhub", "", 25, true, false},
        Case{"Underscore", "[mail_out]", "mail_out", "", 25, false, false},
        Case{"Ipv4", "[192.0.2.1]:smtps", "192.0.2.1", "smtps", 465, false, true},
        Case{"BareIpv4", "192.0.2.1", "192.0.2.1", "", 25, true, true},
        Case{"Ipv6", "[2001:db8::1]:587", "2001:db8::1", "587", 587, false, true},
        Case{"TaggedIpv6", "[ipv6:2001:db8::1]", "2001:db8::1", "", 25, false, true},
        Case{"UnknownService", "[h.example.org]:my-relay", "h.example.org", "my-relay", 0, false,
             false},
        Case{"Idn", "[m\xC3\xBCller.example]", "m\xC3\xBCller.example", "", 25, false, false}),
    [](const auto &row) { return row.param.name; });

class MalformedRelayhostTest : public testing::TestWithParam<std::pair<std::string, std::string>> {
};

TEST_P(MalformedRelayhostTest, SaysWhy) {
    const auto relayhost = parse_relayhost(GetParam().first);
    ASSERT_FALSE(relayhost);
    EXPECT_EQ(relayhost.error().message(),
              "relayhost \"" + GetParam().first + "\": " + GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, MalformedRelayhostTest,
    testing::Values(
        std::pair("[smtp.example.org", "missing \"]\""),
        std::pair("[smtp.example.org]587", "garbage after \"]\""),
        std::pair("[]:587", "\"\" is neither a host name nor an address"),
        std::pair(":587", "\"\" is neither a host name nor an address"),
        std::pair("587", "\"587\" is neither a host name nor an address"),
        std::pair("smtp:[h.example.org]:587",
                  "\"smtp:[h.example.org]\" is neither a host name nor an address"),
        std::pair("smtps://h.example.org",
                  "the port \"//h.example.org\" is neither a number nor the name of a service"),
        std::pair("2001:db8::1", "\"2001:db8:\" is neither a host name nor an address"),
        std::pair("[ipv6:192.0.2.1]", "malformed IPv6 address"),
        std::pair("h.example.org.", "\"h.example.org.\" is neither a host name nor an address"),
        std::pair("h..example.org", "\"h..example.org\" is neither a host name nor an address"),
        std::pair("-h.example.org", "\"-h.example.org\" is neither a host name nor an address"),
        std::pair("[a/b]", "\"a/b\" is neither a host name nor an address"),
        std::pair("[h]:587x", "the port \"587x\" is not a number from 1 to 65535"),
        std::pair("[h]:0", "the port \"0\" is not a number from 1 to 65535"),
        std::pair("[h]:65536", "the port \"65536\" is not a number from 1 to 65535")));

TEST(Relayhosts, ListsAreSeparatedByCommasOrBlanks) {
    const auto relayhosts = parse_relayhosts(" [a.example.org]:587,\t[b.example.org] ,, c.test\n");
    ASSERT_TRUE(relayhosts);
    ASSERT_EQ(relayhosts->size(), 3U);
    EXPECT_EQ((*relayhosts)[0].written, "[a.example.org]:587");
    EXPECT_EQ((*relayhosts)[1].written, "[b.example.org]");
    EXPECT_EQ((*relayhosts)[2].written, "c.test");
}

TEST(Relayhosts, NoneIsNotAnError) {
    EXPECT_TRUE(parse_relayhosts("")->empty());
    EXPECT_TRUE(parse_relayhosts(" , ")->empty());
}

TEST(Relayhosts, OneMalformedFailsTheList) {
    EXPECT_FALSE(parse_relayhosts("[a.example.org], [b"));
}

}  // namespace
}  // namespace mail_relay
