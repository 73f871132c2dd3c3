#include "common/dns_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/common/dns_server.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using test::DnsServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class DnsLookup : public testing::Test {
  protected:
    DnsAnswer ask(DnsRecord record, const std::string &name,
                  milliseconds limit = milliseconds(5000)) {
        server_.start();
        return look_up({{record, name}}, settings(), Deadline::in(limit)).front();
    }
    DnsSettings settings() const {
        DnsSettings settings;
        settings.servers = {server_.address()};
        settings.use_hosts = false;
        return settings;
    }

    DnsServer server_;
};

TEST_F(DnsLookup, FindsAddressesOfBothFamilies) {
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.add_a("mail.example.org", "192.0.2.2");
    server_.add_aaaa("mail.example.org", "2001:db8::1");
    server_.start();
    const auto answers =
        look_up({{DnsRecord::kA, "mail.example.org"}, {DnsRecord::kAaaa, "mail.example.org"}},
                settings(), Deadline::in(milliseconds(5000)));
    EXPECT_THAT(answers[0].values, UnorderedElementsAre("192.0.2.1", "192.0.2.2"));
    EXPECT_THAT(answers[1].values, ElementsAre("2001:db8::1"));
    EXPECT_EQ(answers[1].status, DnsStatus::kFound);
    EXPECT_EQ(answers[1].error, "");
}

TEST_F(DnsLookup, MailExchangersComeByPreference) {
    server_.add_mx("example.org", 20, "backup.example.org");
    server_.add_mx("example.org", 10, "mx.example.org");
    const auto answer = ask(DnsRecord::kMx, "example.org");
    ASSERT_THAT(answer.exchangers, SizeIs(2));
    EXPECT_EQ(answer.exchangers[0].host, "mx.example.org");
    EXPECT_EQ(answer.exchangers[1].preference, 20);
}

TEST_F(DnsLookup, AnAddressIsAskedForByItsReverseName) {
    server_.add("1.2.0.192.in-addr.arpa", DnsServer::kPtr,
                DnsServer::wire_name("mail.example.org"));
    EXPECT_THAT(ask(DnsRecord::kPtr, "192.0.2.1").values, ElementsAre("mail.example.org"));
}

TEST_F(DnsLookup, TheStringsOfOneTextAreJoinedAndMadePrintable) {
    server_.add("example.org", DnsServer::kTxt,
                std::string("\x05v=spf\x04"
                            "1 -\n",
                            11));
    EXPECT_THAT(ask(DnsRecord::kTxt, "example.org").values, ElementsAre("v=spf1 -?"));
}

TEST_F(DnsLookup, ANameThatDoesNotExist) {
    const auto answer = ask(DnsRecord::kA, "nosuch.example.org");
    EXPECT_EQ(answer.status, DnsStatus::kNoSuchName);
    EXPECT_EQ(answer.error, "cannot resolve nosuch.example.org: no such name");
}

TEST_F(DnsLookup, ANameWithoutSuchARecord) {
    server_.add_a("ipv4.example.org", "192.0.2.1");
    const auto answer = ask(DnsRecord::kAaaa, "ipv4.example.org");
    EXPECT_EQ(answer.status, DnsStatus::kNoData);
    EXPECT_EQ(answer.error, "cannot resolve ipv4.example.org: no AAAA record");
}

TEST_F(DnsLookup, AServerThatFails) {
    server_.set_code("broken.example.org", 2);
    const auto answer = ask(DnsRecord::kA, "broken.example.org");
    EXPECT_EQ(answer.status, DnsStatus::kServerFailure);
    EXPECT_THAT(answer.error, HasSubstr("cannot resolve broken.example.org"));
}

TEST_F(DnsLookup, AServerThatIsSilentCostsNoMoreThanTheDeadline) {
    server_.set_code("silent.example.org", -1);
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = ask(DnsRecord::kA, "silent.example.org", milliseconds(300));
    EXPECT_EQ(answer.status, DnsStatus::kTimeout);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
}

TEST_F(DnsLookup, OneSilentAnswerDoesNotKeepBackTheOthers) {
    server_.set_code("silent.example.org", -1);
    server_.add_a("mail.example.org", "192.0.2.1");
    server_.start();
    const auto answers =
        look_up({{DnsRecord::kA, "silent.example.org"}, {DnsRecord::kA, "mail.example.org"}},
                settings(), Deadline::in(milliseconds(300)));
    EXPECT_EQ(answers[0].status, DnsStatus::kTimeout);
    EXPECT_THAT(answers[1].values, ElementsAre("192.0.2.1"));
}

TEST_F(DnsLookup, AnswersThatAreNoneDoNotHarm) {
    // Header only; counts that lie; a name that points at itself.
    for (const auto &bytes :
         {std::string("\x81\x80", 2), std::string("\x81\x80\0\x01\xff\xff\0\0\0\0", 10),
          std::string("\x81\x80\0\x01\0\x01\0\0\0\0\xc0\x0c\0\x01\0\x01\xc0\x0c", 18)}) {
        DnsServer server;
        server.set_garbage("odd.example.org", bytes);
        server.start();
        auto with = settings();
        with.servers = {server.address()};
        const auto answer =
            look_up({{DnsRecord::kA, "odd.example.org"}}, with, Deadline::in(milliseconds(300)));
        EXPECT_NE(answer.front().status, DnsStatus::kFound);
        EXPECT_THAT(answer.front().values, IsEmpty());
    }
}

TEST_F(DnsLookup, AnUnreachableServerIsAFailureOfTheServer) {
    auto dead = settings();
    dead.servers = {"127.0.0.1:1"};
    const auto answer =
        look_up({{DnsRecord::kA, "mail.example.org"}}, dead, Deadline::in(milliseconds(2000)));
    EXPECT_NE(answer.front().status, DnsStatus::kFound);
    EXPECT_NE(answer.front().status, DnsStatus::kNoSuchName);
}

TEST_F(DnsLookup, WhatIsNoServerAddressIsReported) {
    auto wrong = settings();
    wrong.servers = {"no address"};
    const auto answer =
        look_up({{DnsRecord::kA, "mail.example.org"}}, wrong, Deadline::in(milliseconds(2000)));
    EXPECT_THAT(answer.front().error, HasSubstr("DNS cannot be used"));
}

TEST_F(DnsLookup, WhatIsNoNameIsNotAskedFor) {
    for (const std::string &name :
         {std::string(), std::string("a b"), std::string("a..b"), std::string(".a"),
          std::string("a\0b", 3), std::string(254, 'a'), std::string("münchen.example")}) {
        const auto answer =
            look_up({{DnsRecord::kA, name}}, settings(), Deadline::in(milliseconds(1000)));
        EXPECT_EQ(answer.front().status, DnsStatus::kBadName) << name;
    }
    const auto answer = look_up({{DnsRecord::kPtr, "mail.example.org"}}, settings(),
                                Deadline::in(milliseconds(1000)));
    EXPECT_EQ(answer.front().error, "cannot resolve mail.example.org: not an address");
}

}  // namespace
}  // namespace mail_relay
