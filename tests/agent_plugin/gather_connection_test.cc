#include "agent_plugin/gather_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent_plugin/connection_memory.h"
#include "tests/common/scripted_server.h"

namespace mail_relay {
namespace {

using test::Peer;
using test::ScriptedServer;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kTime = 1795246145;

class GatherConnectionTest : public testing::Test {
  protected:
    GatherConnectionTest()
        : server_([](Peer &peer) {
              peer.say("220 relay.test ESMTP\r\n");
              while (!peer.answer("250-relay.test\r\n250 SIZE 1000\r\n").empty()) {
              }
          }) {
        (void)std::signal(SIGPIPE, SIG_IGN);
        std::array<char, 32> name{"/tmp/connection_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        wish_.kept_file = folder_ / "state/connection.json";
        configuration_.parameters = {{"config_directory", "/etc/postfix"},
                                     {"default_transport", "smtp"},
                                     {"inet_protocols", "all"},
                                     {"myhostname", "client.test"}};
        relay_through(server_.port());
    }
    ~GatherConnectionTest() override { std::filesystem::remove_all(folder_); }

    void relay_through(std::uint16_t port) {
        configuration_.parameters["relayhost"] = "[127.0.0.1]:" + std::to_string(port);
    }

    ConnectionFacts look(std::int64_t now = kTime) {
        return gather_connection(FileTree(), configuration_, {}, wish_,
                                 Deadline::in(std::chrono::seconds(10)), now);
    }

    ScriptedServer server_;
    std::filesystem::path folder_;
    Configuration configuration_;
    ConnectionWish wish_;
};

TEST_F(GatherConnectionTest, LooksAtTheRelay) {
    const auto facts = look();
    EXPECT_THAT(facts.problems, IsEmpty());
    EXPECT_EQ(facts.looked_at, kTime);
    EXPECT_FALSE(facts.cached);
    ASSERT_THAT(facts.relays, SizeIs(1));
    ASSERT_THAT(facts.relays[0].addresses, SizeIs(1));
    EXPECT_EQ(used_address(facts.relays[0])->look.size_limit, 1000U);
}

TEST_F(GatherConnectionTest, TheNextHopOfTheDefaultTransportIsTheRelay) {
    std::swap(configuration_.parameters["default_transport"],
              configuration_.parameters["relayhost"]);
    configuration_.parameters["relayhost"].clear();
    configuration_.parameters["default_transport"].insert(0, "smtp:");
    configuration_.services = {{"smtp", "unix", false, "smtp", {}}};
    const auto facts = look();
    EXPECT_EQ(facts.skipped, "");
    ASSERT_THAT(facts.relays, SizeIs(1));
    EXPECT_EQ(used_address(facts.relays[0])->look.size_limit, 1000U);
}

TEST_F(GatherConnectionTest, WithinTheIntervalTheLastLookIsDelivered) {
    look();
    const auto again = look(kTime + 299);
    EXPECT_TRUE(again.cached);
    EXPECT_EQ(again.looked_at, kTime);
    EXPECT_EQ(used_address(again.relays.at(0))->look.size_limit, 1000U);
    EXPECT_EQ(server_.connections(), 1);
    EXPECT_FALSE(look(kTime + 300).cached);
}

TEST_F(GatherConnectionTest, OtherSettingsAreLookedAtAtOnce) {
    look();
    configuration_.parameters["smtp_helo_name"] = "other.test";
    EXPECT_FALSE(look(kTime + 1).cached);
}

TEST_F(GatherConnectionTest, AFailureIsLookedAtAgainAfterAMinute) {
    relay_through(test::closed_port());
    EXPECT_EQ(look().relays.at(0).addresses.at(0).look.seen.failure->kind, FailureClass::kRefused);
    EXPECT_TRUE(look(kTime + 59).cached);
    EXPECT_FALSE(look(kTime + 60).cached);
}

TEST_F(GatherConnectionTest, ALookFromTheFutureDoesNotCount) {
    look();
    EXPECT_FALSE(look(kTime - 1).cached);
}

TEST_F(GatherConnectionTest, ADamagedMemoryIsAProblemAndReplaced) {
    look();
    std::ofstream(wish_.kept_file) << R"({"version":1,"identity":5})";
    const auto facts = look(kTime + 1);
    EXPECT_FALSE(facts.cached);
    ASSERT_THAT(facts.problems, SizeIs(1));
    EXPECT_THAT(facts.problems[0].error, HasSubstr("cannot read the look kept in"));
    EXPECT_TRUE(look(kTime + 2).cached);
}

TEST_F(GatherConnectionTest, AMemoryOfAnotherVersionIsForgotten) {
    look();
    std::ofstream(wish_.kept_file) << R"({"version":0})";
    const auto facts = look(kTime + 1);
    EXPECT_FALSE(facts.cached);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherConnectionTest, CanBeSwitchedOff) {
    wish_.interval = std::chrono::seconds(0);
    const auto facts = look();
    EXPECT_THAT(facts.skipped, HasSubstr("connection_interval"));
    EXPECT_EQ(server_.connections(), 0);
}

TEST_F(GatherConnectionTest, AHostThatDeliversItselfLooksOnlyIfItIsTold) {
    configuration_.parameters["relayhost"] = "";
    EXPECT_THAT(look().skipped, HasSubstr("direct_mx"));
    wish_.direct_mx = "[127.0.0.1]:" + std::to_string(server_.port());
    const auto facts = look();
    ASSERT_THAT(facts.relays, SizeIs(1));
    EXPECT_TRUE(facts.relays[0].is_direct);
    EXPECT_NE(used_address(facts.relays[0]), nullptr);
}

TEST_F(GatherConnectionTest, OfManyRelayhostsEightAreLookedAtAtOnce) {
    std::string all;
    for (int i = 0; i < 10; ++i) {
        all += "[127.0.0.1]:" + std::to_string(server_.port()) + " ";
    }
    configuration_.parameters["relayhost"] = all;
    const auto facts = look();
    EXPECT_THAT(facts.relays, SizeIs(8));
    EXPECT_THAT(facts.problems, SizeIs(1));
}

TEST_F(GatherConnectionTest, AMountedTreeIsNotConnectedTo) {
    const auto facts = gather_connection(FileTree(folder_), configuration_, {}, wish_,
                                         Deadline::in(std::chrono::seconds(1)), kTime);
    EXPECT_THAT(facts.skipped, HasSubstr("mounted"));
}

}  // namespace
}  // namespace mail_relay
