#include "common/smtp_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/common/scripted_server.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr milliseconds kPatience{2000};

SessionRequest request(std::uint16_t port) {
    SessionRequest request;
    request.server = "127.0.0.1";
    request.port = port;
    request.tls = TlsMode::kNone;
    return request;
}

/// A session that has just been greeted, and a server that answers the next command with `reply`.
Result<SmtpReply> ask(const std::string &reply, milliseconds patience = kPatience) {
    ScriptedServer server([&](Peer &peer) {
        peer.say("220 hello\r\n");
        peer.answer("250 hello\r\n");
        peer.answer(reply);
        if (!reply.empty() && reply.back() != '!') {
            peer.be_silent();
        }
    });
    MailSession session(request(server.port()), Deadline::in(kPatience));
    return smtp_command(session, "NOOP", Deadline::in(patience));
}

class SmtpEndpointTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { prepare_network(); }
};

TEST_F(SmtpEndpointTest, ALookNeverLogsInAndSaysGoodbye) {
    std::vector<std::string> heard;
    {
        ScriptedServer server([&](Peer &peer) {
            peer.say("220 hello\r\n");
            heard.push_back(peer.answer("250-hello\r\n250-SIZE 10240000\r\n250 AUTH PLAIN\r\n"));
            heard.push_back(peer.answer("221 bye\r\n"));
        });
        auto with = request(server.port());
        with.helo = "monitor.example.org";
        with.credentials =
            Credentials{.user = "bob", .secret = Secret("hunter22"), .mechanism = ""};
        const auto seen = look_at_smtp_endpoint(with, Deadline::in(kPatience));
        EXPECT_FALSE(seen.session.failure);
        EXPECT_EQ(seen.size_limit, 10240000U);
    }
    EXPECT_THAT(heard, ElementsAre("EHLO monitor.example.org", "QUIT"));
}

TEST_F(SmtpEndpointTest, AMissingGoodbyeDoesNotMatter) {
    ScriptedServer server([](Peer &peer) {
        peer.say("220 hello\r\n");
        peer.answer("250 hello\r\n");
        peer.be_silent();
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto seen = look_at_smtp_endpoint(request(server.port()), Deadline::in(kPatience));
    EXPECT_FALSE(seen.session.failure);
    EXPECT_FALSE(seen.size_limit);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1500));
}

TEST_F(SmtpEndpointTest, AllAddressesAreLookedAtAtOnce) {
    ScriptedServer silent([](Peer &peer) { peer.be_silent(); });
    ScriptedServer server(
        [](Peer &peer) {
            peer.say("220 hello\r\n");
            peer.answer("250 SIZE\r\n");
        },
        "127.0.0.2", silent.port());
    const auto begin = std::chrono::steady_clock::now();
    const auto seen = look_at_all_addresses(request(server.port()),
                                            {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"},
                                            Deadline::in(milliseconds(500)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
    ASSERT_THAT(seen, SizeIs(4));
    EXPECT_EQ(seen[0].session.failure->kind, FailureClass::kGreetingTimeout);
    EXPECT_FALSE(seen[1].session.failure);
    EXPECT_EQ(seen[2].session.failure->kind, FailureClass::kRefused);
    EXPECT_EQ(seen[2].session.addresses.at(0).address, "127.0.0.3");
}

TEST_F(SmtpEndpointTest, AReplyOfSeveralLinesIsOne) {
    const auto reply = ask("550-5.7.1 no\r\n550 5.7.1 way\r\n");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->code, 550);
    EXPECT_EQ(reply->text, "550-5.7.1 no 550 5.7.1 way");
}

TEST_F(SmtpEndpointTest, AReplyMayBeABareNumber) {
    EXPECT_EQ(ask("250\r\n")->code, 250);
}

struct BadReply {
    const char *name;
    const char *reply;
    const char *error;
};

class BadReplies : public SmtpEndpointTest, public testing::WithParamInterface<BadReply> {};

TEST_P(BadReplies, AreErrors) {
    const auto reply = ask(GetParam().reply, milliseconds(300));
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().message(), HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadReplies,
    testing::Values(BadReply{"no_code", "hello\r\n", "the server's answer is none: hello"},
                    BadReply{"code_out_of_range", "999 x\r\n", "the server's answer is none"},
                    BadReply{"code_runs_on", "2500 x\r\n", "the server's answer is none"},
                    BadReply{"empty_line", "\r\n", "the server's answer is none"},
                    BadReply{"unfinished", "250-more\r\n", "did not answer in time"},
                    BadReply{"closed", "!", "closed the connection"}),
    [](const auto &case_) { return case_.param.name; });

TEST_F(SmtpEndpointTest, ALineWithoutEndIsCutOff) {
    EXPECT_EQ(ask("250 " + std::string(100'000, 'x')).error().message(),
              "the server talks without end");
}

TEST_F(SmtpEndpointTest, ACommandIsOneLine) {
    ScriptedServer server([](Peer &peer) {
        peer.say("220 hello\r\n");
        peer.answer("250 hello\r\n");
        peer.be_silent();
    });
    MailSession session(request(server.port()), Deadline::in(kPatience));
    EXPECT_FALSE(smtp_command(session, "MAIL FROM:<a>\r\nDATA", Deadline::in(kPatience)));
}

}  // namespace
}  // namespace mail_relay
