#include "common/host_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/common/dns_server.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class HostAddressesTest : public testing::Test {
  protected:
    HostAddressesTest() {
        std::array<char, 32> name{"/tmp/host_addresses_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
        settings_.servers = {server_.address()};
        settings_.hosts_file = directory_ / "hosts";
        settings_.use_search_domains = false;
    }
    ~HostAddressesTest() override { std::filesystem::remove_all(directory_); }

    HostAddresses resolve(const std::string &host, AddressFamily family = AddressFamily::kAny) {
        server_.start();
        return resolve_host(host, family, settings_, Deadline::in(milliseconds(1000)));
    }

    std::filesystem::path directory_;
    test::DnsServer server_;
    DnsSettings settings_;
};

TEST_F(HostAddressesTest, FamiliesTakeTurns) {
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_aaaa("mail.example.org", "2001:db8::1");
    EXPECT_THAT(resolve("mail.example.org").addresses,
                ElementsAre("2001:db8::1", "192.0.2.1", "192.0.2.1"));
}

TEST_F(HostAddressesTest, OneFamilyCanBeAskedFor) {
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_aaaa("mail.example.org", "2001:db8::1");
    EXPECT_THAT(resolve("mail.example.org", AddressFamily::kIPv4).addresses,
                ElementsAre("192.0.2.1"));
}

TEST_F(HostAddressesTest, ALiteralIsItsOwnAddress) {
    EXPECT_THAT(resolve("[::1]").addresses, ElementsAre("::1"));
    EXPECT_EQ(
        resolve_host("192.0.2.1", AddressFamily::kIPv6, settings_, Deadline::in(milliseconds(1000)))
            .error,
        "192.0.2.1 is of the other family");
}

TEST_F(HostAddressesTest, TheHostsFileComesFirst) {
    std::ofstream(settings_.hosts_file) << "192.0.2.9 mail.example.org\n";
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_aaaa("mail.example.org", "2001:db8::1");
    EXPECT_THAT(resolve("mail.example.org").addresses, ElementsAre("192.0.2.9"));
}

TEST_F(HostAddressesTest, TheHostsFileCanBeLeftOut) {
    std::ofstream(settings_.hosts_file) << "192.0.2.9 mail.example.org\n";
    settings_.use_hosts = false;
    server_.add_a("mail.example.org", "192.0.2.1");
    EXPECT_THAT(resolve("mail.example.org").addresses, ElementsAre("192.0.2.1"));
}

TEST_F(HostAddressesTest, DnsCanBeLeftOut) {
    settings_.use_dns = false;
    const auto result = resolve("mail.example.org");
    EXPECT_THAT(result.addresses, IsEmpty());
    EXPECT_EQ(result.error, "cannot resolve mail.example.org: not in the hosts file");
}

TEST_F(HostAddressesTest, AMissingAnswerForOneFamilyIsNoFailure) {
    server_.add_a("ipv4.example.org", "192.0.2.1");
    EXPECT_EQ(resolve("ipv4.example.org").error, "");
}

class SearchDomain : public HostAddressesTest {
  protected:
    SearchDomain() {
        settings_.use_search_domains = true;
        settings_.resolv_conf = directory_ / "resolv.conf";
        std::ofstream(settings_.resolv_conf) << "search site.test\n";
    }
};

TEST_F(SearchDomain, CompletesAShortName) {
    server_.add_a("mail.site.test", "192.0.2.1");
    server_.add_a("mx.mail.site.test", "192.0.2.2");
    server_.start();
    const auto deadline = Deadline::in(milliseconds(1000));
    EXPECT_THAT(resolve_host("mail", AddressFamily::kAny, settings_, deadline).addresses,
                ElementsAre("192.0.2.1"));
    EXPECT_THAT(resolve_host("mx.mail", AddressFamily::kAny, settings_, deadline).addresses,
                ElementsAre("192.0.2.2"));
}

TEST_F(SearchDomain, AddsNothingToANameThatIsWhole) {
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_aaaa("mail.example.org.site.test", "2001:db8::666");
    EXPECT_THAT(resolve("mail.example.org").addresses, ElementsAre("192.0.2.1"));
}

TEST_F(HostAddressesTest, ANameWithoutAnyAddress) {
    server_.add_mx("example.org", 10, "mx.example.org");
    const auto result = resolve("example.org");
    EXPECT_EQ(result.status, DnsStatus::kNoData);
    EXPECT_EQ(result.error, "cannot resolve example.org: it has no address");
}

TEST_F(HostAddressesTest, ANameThatDoesNotExist) {
    const auto result = resolve("nosuch.example.org");
    EXPECT_EQ(result.status, DnsStatus::kNoSuchName);
    EXPECT_EQ(result.error, "cannot resolve nosuch.example.org: no such name");
}

}  // namespace
}  // namespace mail_relay
