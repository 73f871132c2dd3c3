#include "agent_plugin/relay_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Names come from a hosts file: no server is asked.
class RelayResolverTest : public testing::Test {
  protected:
    RelayResolverTest() {
        std::array<char, 32> name{"/tmp/relay_resolver_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        std::ofstream(folder_ / "hosts") << "192.0.2.1 relay.test\n2001:db8::1 relay.test\n"
                                            "192.0.2.2 relay.test\n2001:db8::2 relay.test\n";
        std::ofstream(folder_ / "resolv.conf") << "nameserver 127.0.0.1\n";
        resolver_.etc = folder_;
        resolver_.dns = false;
        resolver_.native = true;
        relay_.server = "relay.test";
    }
    ~RelayResolverTest() override { std::filesystem::remove_all(folder_); }

    std::vector<std::string> addresses() {
        std::vector<std::string> found;
        for (const auto &[host, address] :
             resolve_relay(resolver_, relay_, Deadline::in(std::chrono::seconds(5)))) {
            EXPECT_EQ(host, relay_.server);
            found.push_back(address);
        }
        return found;
    }

    std::filesystem::path folder_;
    RelayResolver resolver_;
    RelayLook relay_;
};

TEST_F(RelayResolverTest, WithoutAPreferenceFamiliesComeInTurns) {
    EXPECT_THAT(addresses(), ElementsAre("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"));
    EXPECT_EQ(relay_.resolution.status, DnsStatus::kFound);
    EXPECT_THAT(relay_.resolution.lookup, ElementsAre("native"));
    EXPECT_EQ(relay_.resolution.host_resolves, std::nullopt);
}

TEST_F(RelayResolverTest, ThePreferredFamilyComesFirst) {
    resolver_.preferred = AddressFamily::kIPv4;
    EXPECT_THAT(addresses(), ElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"));
}

TEST_F(RelayResolverTest, AFamilyThatInetProtocolsLeavesOutDoesNotCount) {
    resolver_.family = AddressFamily::kIPv6;
    EXPECT_THAT(addresses(), ElementsAre("2001:db8::1", "2001:db8::2"));
    relay_.server = "192.0.2.9";
    EXPECT_THAT(addresses(), IsEmpty());
    EXPECT_THAT(relay_.resolution.error, HasSubstr("inet_protocols"));
}

TEST_F(RelayResolverTest, AnAddressIsItsOwnName) {
    relay_.server = "0:0::1";
    EXPECT_EQ(resolve_relay(resolver_, relay_, Deadline::in(std::chrono::seconds(1))).at(0).address,
              "::1");
}

TEST_F(RelayResolverTest, SaysThatTheHostKnowsWhatTheJailDoesNot) {
    resolver_.in_jail = true;
    relay_.server = "localhost";
    std::filesystem::remove(folder_ / "hosts");
    EXPECT_THAT(addresses(), IsEmpty());
    EXPECT_EQ(relay_.resolution.host_resolves, true);
}

TEST(RelayResolver, FollowsTheSettings) {
    Configuration configuration;
    configuration.parameters = {{"default_transport", "smtp"},
                                {"inet_protocols", "ipv6, ipv4"},
                                {"queue_directory", "/var/spool/postfix"},
                                {"smtp_address_preference", "ipv4"},
                                {"smtp_host_lookup", "dns"}};
    auto resolver = relay_resolver(configuration);
    EXPECT_TRUE(resolver.dns);
    EXPECT_FALSE(resolver.native);
    EXPECT_EQ(resolver.etc, "/etc");
    EXPECT_EQ(resolver.family, AddressFamily::kAny);
    EXPECT_EQ(resolver.preferred, AddressFamily::kIPv4);

    configuration.services = {{"smtp", "unix", true, "smtp", {}}};
    configuration.parameters["smtp_dns_support_level"] = "disabled";
    configuration.parameters["inet_protocols"] = "ipv4";
    resolver = relay_resolver(configuration);
    EXPECT_FALSE(resolver.dns);
    EXPECT_TRUE(resolver.native);
    EXPECT_EQ(resolver.etc, "/var/spool/postfix/etc");
    EXPECT_EQ(resolver.family, AddressFamily::kIPv4);
}

}  // namespace
}  // namespace mail_relay
