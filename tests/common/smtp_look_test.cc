#include "common/smtp_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "tests/common/scripted_server.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;
using test::TestCertificate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::SizeIs;

constexpr milliseconds kPatience{4'000};

class SmtpLookTest : public testing::Test {
  protected:
    SmtpLookTest()
        : authority_({.name = "Test CA", .authority = true}), certificate_({}, &authority_) {
        (void)std::signal(SIGPIPE, SIG_IGN);
        std::array<char, 32> name{"/tmp/smtp_look_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
        authority_.write(directory_ / "ca.pem");
    }
    ~SmtpLookTest() override { std::filesystem::remove_all(directory_); }

    SmtpLookRequest request(std::uint16_t port, TlsMode tls) const {
        SmtpLookRequest request;
        request.server = "localhost";
        request.address = "127.0.0.1";
        request.port = port;
        request.helo = "client.example.org";
        request.tls = tls;
        request.trust.ca_file = directory_ / "ca.pem";
        return request;
    }

    /// Looks, and checks that the look ends in time.
    static SmtpLook look(const SmtpLookRequest &request, milliseconds patience = kPatience) {
        const auto begin = std::chrono::steady_clock::now();
        auto seen = look_at_smtp_server(request, Deadline::in(patience));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, patience + milliseconds(1'000));
        return seen;
    }

    /// A usual server; the lines it heard.
    void play(Peer &peer, const std::string &ehlo =
                              "250-mail\r\n250-SIZE 1000\r\n250-STARTTLS\r\n"
                              "250 AUTH PLAIN LOGIN\r\n") {
        peer.say("220 mail.example.org ESMTP\r\n");
        for (auto line = peer.hear(); !line.empty(); line = peer.hear()) {
            heard_.push_back(line);
            if (line.starts_with("EHLO")) {
                peer.say(ehlo);
            } else if (line == "STARTTLS") {
                peer.say("220 2.0.0 Ready\r\n");
                if (!peer.start_tls(certificate_, chain_)) {
                    return;
                }
            } else {
                peer.say("221 2.0.0 Bye\r\n");
            }
        }
    }

    TestCertificate authority_;
    TestCertificate certificate_;
    std::vector<const TestCertificate *> chain_;
    std::filesystem::path directory_;
    std::vector<std::string> heard_;
};

TEST_F(SmtpLookTest, GoesThroughStarttlsToGoodbyeAndTellsAllItSaw) {
    SmtpLook seen;
    {
        ScriptedServer server([&](Peer &peer) { play(peer); });
        seen = look(request(server.port(), TlsMode::kStartTls));
    }
    EXPECT_THAT(heard_, ElementsAre("EHLO client.example.org", "STARTTLS",
                                    "EHLO client.example.org", "QUIT"));
    EXPECT_FALSE(seen.seen.failure) << seen.seen.failure->error;
    EXPECT_TRUE(seen.connected);
    EXPECT_EQ(seen.seen.banner, "220 mail.example.org ESMTP");
    EXPECT_THAT(seen.seen.auth_mechanisms, Optional(ElementsAre("PLAIN", "LOGIN")));
    EXPECT_EQ(seen.size_limit, 1000U);
    EXPECT_EQ(seen.ehlo_lines, 4U);
    EXPECT_TRUE(seen.seen.starttls_offered);
    ASSERT_TRUE(seen.seen.tls);
    EXPECT_EQ(seen.seen.tls->version, "TLSv1.3");
    EXPECT_EQ(seen.seen.tls->verified, true);
    EXPECT_THAT(seen.seen.tls->chain, SizeIs(1));
    const auto &phases = seen.seen.phases;
    EXPECT_TRUE(phases.connect_s && phases.greeting_s && seen.ehlo_s && phases.tls_s);
}

TEST_F(SmtpLookTest, SpeaksTlsFromTheFirstByte) {
    ScriptedServer server([&](Peer &peer) {
        peer.start_tls(certificate_);
        play(peer);
    });
    const auto seen = look(request(server.port(), TlsMode::kImplicit));
    EXPECT_FALSE(seen.seen.failure) << seen.seen.failure->error;
    EXPECT_EQ(seen.seen.tls->verified, true);
}

TEST_F(SmtpLookTest, OffersOnlyTheProtocolsItIsTold) {
    ScriptedServer server([&](Peer &peer) { play(peer); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    asked.offer.protocols = {"TLSv1.2"};
    EXPECT_EQ(look(asked).seen.tls->version, "TLSv1.2");
}

TEST_F(SmtpLookTest, SaysWhyItsOwnCertificateCannotBeShownAndAsksNobodyForAPassphrase) {
    const auto error = [this](const std::string &key) {
        ScriptedServer server([&](Peer &peer) { play(peer); });
        auto asked = request(server.port(), TlsMode::kStartTls);
        asked.tls_required = true;
        asked.offer.certificate_file = directory_ / "client.pem";
        asked.offer.key_file = directory_ / key;
        const auto seen = look(asked);
        return seen.seen.failure ? seen.seen.failure->error : "no failure";
    };
    certificate_.write(directory_ / "client.pem");
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
        std::fopen((directory_ / "locked.pem").c_str(), "w"), std::fclose);
    std::string word = "abcd";
    PEM_write_PrivateKey(file.get(), certificate_.key(), EVP_aes_128_cbc(), nullptr, 0, nullptr,
                         word.data());
    std::fflush(file.get());
    EXPECT_THAT(error("locked.pem"), testing::EndsWith("its private key needs a passphrase"));
    EXPECT_THAT(error("missing.pem"), testing::EndsWith("No such file or directory"));
}

TEST_F(SmtpLookTest, ACertificateOfAnotherNameEndsTheDialogueOnlyWhereTrustIsRequired) {
    ScriptedServer server([&](Peer &peer) { play(peer); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    asked.trust.names = {"other.example.org"};
    const auto refused = look(asked);
    ASSERT_TRUE(refused.seen.failure);
    EXPECT_EQ(refused.seen.failure->kind, FailureClass::kTlsVerify);
    EXPECT_THAT(refused.seen.failure->error, HasSubstr("hostname mismatch"));
    asked.trust_required = false;
    const auto accepted = look(asked);
    EXPECT_FALSE(accepted.seen.failure);
    EXPECT_EQ(accepted.seen.tls->verified, false);
    EXPECT_EQ(accepted.seen.tls->verify_error, "hostname mismatch");
}

TEST_F(SmtpLookTest, WithoutAnyAuthorityNobodyIsTrusted) {
    ScriptedServer server([&](Peer &peer) { play(peer); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    asked.trust.ca_file.clear();
    asked.trust.default_ca = false;
    EXPECT_EQ(look(asked).seen.failure->kind, FailureClass::kTlsVerify);
}

TEST_F(SmtpLookTest, MissingStarttlsIsAFailureOnlyWhereTlsIsRequired) {
    ScriptedServer server([&](Peer &peer) { play(peer, "250-mail\r\n250 AUTH PLAIN\r\n"); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    const auto refused = look(asked);
    ASSERT_TRUE(refused.seen.failure);
    EXPECT_EQ(refused.seen.failure->kind, FailureClass::kTlsNotOffered);
    asked.tls_required = false;
    const auto plain = look(asked);
    EXPECT_FALSE(plain.seen.failure);
    EXPECT_THAT(plain.tls_given_up, Optional(HasSubstr("does not offer STARTTLS")));
}

TEST_F(SmtpLookTest, WhereTlsIsAWishItComesAgainInPlaintextAfterABrokenHandshake) {
    ScriptedServer server([&](Peer &peer) {
        peer.say("220 hello\r\n");
        for (auto line = peer.hear(); !line.empty(); line = peer.hear()) {
            peer.say(line == "STARTTLS" ? "220 go\r\nthis is no TLS at all, whatever you do\r\n"
                                        : "250-mail\r\n250 STARTTLS\r\n");
            if (line == "STARTTLS") {
                return;
            }
        }
    });
    auto asked = request(server.port(), TlsMode::kStartTls);
    EXPECT_EQ(look(asked).seen.failure->kind, FailureClass::kTlsHandshake);
    asked.tls_required = false;
    const auto seen = look(asked);
    EXPECT_FALSE(seen.seen.failure);
    EXPECT_TRUE(seen.tls_given_up);
}

TEST_F(SmtpLookTest, FindsOutThatASilentServerWaitsForTls) {
    ScriptedServer server([&](Peer &peer) {
        if (!peer.start_tls(certificate_)) {
            return;
        }
        play(peer);
    });
    const auto seen = look(request(server.port(), TlsMode::kStartTls), milliseconds(3'500));
    ASSERT_TRUE(seen.seen.failure);
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kGreetingTimeout);
    EXPECT_EQ(seen.speaks_tls_first, true);
}

TEST_F(SmtpLookTest, WaitsOnForAGreetingThatComesLate) {
    ScriptedServer server([&](Peer &peer) {
        std::this_thread::sleep_for(milliseconds(1'800));
        play(peer);
    });
    const auto seen = look(request(server.port(), TlsMode::kStartTls), milliseconds(20'000));
    EXPECT_FALSE(seen.seen.failure) << seen.seen.failure->error;
}

TEST_F(SmtpLookTest, NoticesPlaintextWhereTlsWasExpected) {
    ScriptedServer server([&](Peer &peer) { play(peer); });
    const auto seen = look(request(server.port(), TlsMode::kImplicit));
    ASSERT_TRUE(seen.seen.failure);
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kTlsHandshake);
    EXPECT_THAT(seen.seen.failure->error, HasSubstr("wrong version number"));
    EXPECT_EQ(seen.speaks_tls_first, false);
}

TEST_F(SmtpLookTest, AClosedPortIsRefused) {
    const auto seen = look(request(test::closed_port(), TlsMode::kStartTls));
    EXPECT_FALSE(seen.connected);
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kRefused);
    EXPECT_THAT(seen.seen.failure->error, HasSubstr("Connection refused"));
}

TEST_F(SmtpLookTest, AnAddressThatIsNoneCannotBeConnectedTo) {
    auto asked = request(25, TlsMode::kNone);
    asked.address = "not an address";
    EXPECT_EQ(look(asked).seen.failure->kind, FailureClass::kUnreachable);
}

TEST_F(SmtpLookTest, AnOwnAddressThatIsNotThereIsSaidAndLeftOut) {
    ScriptedServer server([&](Peer &peer) { play(peer); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    asked.bind_address = "192.0.2.1";
    const auto seen = look(asked);
    EXPECT_FALSE(seen.seen.failure);
    EXPECT_THAT(seen.bind_error, HasSubstr("bind 192.0.2.1"));
}

struct Fault {
    const char *name;
    std::string greeting;
    std::string ehlo;
    FailureClass kind;
    const char *phase;
    const char *words;
};

class FaultyServer : public SmtpLookTest, public testing::WithParamInterface<Fault> {};

TEST_P(FaultyServer, IsExplained) {
    const Fault &fault = GetParam();
    ScriptedServer server([&](Peer &peer) {
        peer.say(fault.greeting);
        if (!fault.ehlo.empty()) {
            peer.hear();
            while (peer.say(fault.ehlo) && fault.ehlo.ends_with("-more\r\n")) {
            }
        }
        if (fault.kind == FailureClass::kServerError || fault.kind == FailureClass::kReputation) {
            peer.be_silent();
        }
    });
    const auto seen = look(request(server.port(), TlsMode::kNone));
    ASSERT_TRUE(seen.seen.failure);
    EXPECT_EQ(seen.seen.failure->kind, fault.kind);
    EXPECT_EQ(seen.seen.failure->phase, fault.phase);
    EXPECT_THAT(seen.seen.failure->error, HasSubstr(fault.words));
}

INSTANTIATE_TEST_SUITE_P(
    SmtpLook, FaultyServer,
    testing::Values(Fault{"hangs_up", "", "", FailureClass::kGreetingTimeout, "greeting", "closed"},
                    Fault{"is_overloaded", "421 4.3.2 All server ports are busy\r\n", "",
                          FailureClass::kServerError, "greeting", "busy"},
                    Fault{"knows_us", "554 5.7.1 Your IP is blocked using zen.spamhaus.org\r\n", "",
                          FailureClass::kReputation, "greeting", "spamhaus"},
                    Fault{"is_no_mail_server", "SSH-2.0-OpenSSH_9.2p1\r\n", "",
                          FailureClass::kServerError, "greeting", "no SMTP reply"},
                    Fault{"refuses_ehlo", "220 hello\r\n", "502 5.5.2 Not implemented\r\n",
                          FailureClass::kServerError, "ehlo", "Not implemented"},
                    Fault{"hangs_up_in_ehlo", "220 hello\r\n", "250-half\r\n",
                          FailureClass::kLostConnection, "ehlo", "closed"},
                    Fault{"talks_without_end", "220 hello\r\n", "250-more\r\n",
                          FailureClass::kServerError, "ehlo", "without end"},
                    Fault{"greets_without_end", std::string(300'000, '2'), "",
                          FailureClass::kServerError, "greeting", "without end"}),
    [](const auto &tested) { return tested.param.name; });

TEST_F(SmtpLookTest, OfAThousandLinesTheFirstHundredAreKeptAndAllAreCounted) {
    std::string ehlo;
    for (int i = 0; i < 1'000; ++i) {
        ehlo += "250-X" + std::to_string(i) + "\r\n";
    }
    ScriptedServer server([&](Peer &peer) { play(peer, ehlo + "250 END\r\n"); });
    const auto seen = look(request(server.port(), TlsMode::kNone));
    EXPECT_FALSE(seen.seen.failure);
    EXPECT_EQ(seen.ehlo_lines, 1'001U);
    EXPECT_THAT(seen.seen.capabilities, Optional(SizeIs(100)));
}

TEST_F(SmtpLookTest, AChainOfAHundredIsTooLongAndTwentyOfItAreKept) {
    std::vector<TestCertificate> made;
    made.reserve(100);
    const auto *issuer = &authority_;
    for (int i = 0; i < 100; ++i) {
        made.emplace_back(
            TestCertificate::Wish{.name = "CA " + std::to_string(i), .authority = true}, issuer);
        issuer = &made.back();
    }
    for (const TestCertificate &link : made) {
        chain_.push_back(&link);
    }
    std::reverse(chain_.begin(), chain_.end());
    certificate_ = TestCertificate({}, issuer);
    ScriptedServer server([&](Peer &peer) { play(peer); });
    auto asked = request(server.port(), TlsMode::kStartTls);
    asked.trust.depth = 9;
    const auto seen = look(asked);
    ASSERT_TRUE(seen.seen.failure);
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kTlsVerify);
    EXPECT_THAT(seen.seen.failure->error, HasSubstr("chain too long"));
    EXPECT_THAT(seen.seen.tls->chain, SizeIs(20));
}

TEST_F(SmtpLookTest, ABlackHoleEndsWithTheDeadline) {
    ScriptedServer server([](Peer &peer) { peer.be_silent(); });
    const auto seen = look(request(server.port(), TlsMode::kStartTls), milliseconds(2'500));
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kGreetingTimeout);
    EXPECT_THAT(seen.seen.failure->error, HasSubstr("did not answer in time"));
    EXPECT_NE(seen.speaks_tls_first, true);
}

TEST_F(SmtpLookTest, AHandshakeWithoutEndEndsWithTheDeadline) {
    ScriptedServer server([](Peer &peer) { peer.be_silent(); });
    const auto seen = look(request(server.port(), TlsMode::kImplicit), milliseconds(700));
    EXPECT_EQ(seen.seen.failure->kind, FailureClass::kTlsHandshake);
}

}  // namespace
}  // namespace mail_relay
