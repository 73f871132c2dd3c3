#include "common/mail_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/common/dns_server.h"
#include "tests/common/scripted_server.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using test::Peer;
using test::ScriptedServer;
using test::TestCertificate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

/// What a server does at each step of a usual SMTP session; a test replaces one of them.
struct SmtpScript {
    std::string greeting = "220 mail.example.org ESMTP\r\n";
    std::string ehlo =
        "250-mail.example.org\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n";
    std::string starttls = "220 2.0.0 Ready\r\n";
    std::string auth = "235 2.7.0 Authentication successful\r\n";
};

const milliseconds kPatience{3000};

class MailSessionTest : public testing::Test {
  protected:
    MailSessionTest()
        : authority_({.name = "Test CA", .authority = true}), certificate_({}, &authority_) {
        static const bool prepared = (prepare_network(), true);
        (void)prepared;
        std::array<char, 32> name{"/tmp/mail_session_XXXXXX"};
        directory_ = ::mkdtemp(name.data());
        authority_.write(directory_ / "ca.pem");
        std::ofstream(directory_ / "hosts") << "127.0.0.1 localhost\n";
    }
    ~MailSessionTest() override { std::filesystem::remove_all(directory_); }

    SessionRequest request(std::uint16_t port) const {
        SessionRequest request;
        request.server = "localhost";
        request.port = port;
        request.tls = TlsMode::kNone;
        request.helo = "monitor.example.org";
        request.tls_policy.ca_file = directory_ / "ca.pem";
        request.dns.hosts_file = directory_ / "hosts";
        request.dns.use_dns = false;
        return request;
    }

    static SessionObservation look(const SessionRequest &request,
                                   milliseconds patience = kPatience) {
        const auto begin = std::chrono::steady_clock::now();
        auto seen = MailSession(request, Deadline::in(patience)).observation();
        EXPECT_LT(std::chrono::steady_clock::now() - begin, patience + milliseconds(500));
        return seen;
    }

    /// A usual server: STARTTLS if asked for, then AUTH, then silence.
    static void play(Peer &peer, const SmtpScript &script, const TestCertificate &certificate) {
        peer.say(script.greeting);
        for (auto line = peer.hear(); !line.empty(); line = peer.hear()) {
            if (line.starts_with("EHLO")) {
                peer.say(script.ehlo);
            } else if (line == "STARTTLS") {
                peer.say(script.starttls);
                peer.start_tls(certificate);
            } else if (line == "AUTH PLAIN") {
                peer.say("334 \r\n");
            } else {
                peer.say(script.auth);
            }
        }
    }

    static Credentials password(const std::string &secret) {
        return {.user = "bob", .secret = Secret(secret), .is_token = false, .mechanism = "PLAIN"};
    }

    std::filesystem::path directory_;
    TestCertificate authority_;
    TestCertificate certificate_;
};

TEST_F(MailSessionTest, DescribesAnSmtpServerWithoutTls) {
    ScriptedServer server([&](Peer &peer) { play(peer, {}, certificate_); });
    const auto seen = look(request(server.port()));
    ASSERT_FALSE(seen.failure) << seen.failure->error;
    EXPECT_EQ(seen.banner, "220 mail.example.org ESMTP");
    EXPECT_THAT(seen.capabilities, Optional(ElementsAre("SIZE 10240000", "STARTTLS")));
    EXPECT_THAT(seen.auth_mechanisms, Optional(ElementsAre("PLAIN", "LOGIN")));
    EXPECT_FALSE(seen.tls);
    EXPECT_FALSE(seen.authenticated_with);
    EXPECT_TRUE(seen.phases.connect_s && seen.phases.greeting_s && seen.phases.resolve_s);
    EXPECT_FALSE(seen.phases.tls_s || seen.phases.auth_s);
    EXPECT_EQ(seen.addresses.at(0).connected, true);
}

TEST_F(MailSessionTest, EncryptsAndLogsIn) {
    ScriptedServer server([&](Peer &peer) { play(peer, {}, certificate_); });
    auto with = request(server.port());
    with.tls = TlsMode::kStartTls;
    with.credentials = password("hunter22");
    const auto seen = look(with);
    ASSERT_FALSE(seen.failure) << seen.failure->error;
    EXPECT_EQ(seen.authenticated_with, "PLAIN");
    ASSERT_TRUE(seen.tls);
    EXPECT_EQ(seen.tls->version, "TLSv1.3");
    EXPECT_EQ(seen.tls->verified, true);
    EXPECT_FALSE(seen.tls->verify_error);
    ASSERT_THAT(seen.tls->chain, SizeIs(1));
    EXPECT_EQ(seen.tls->chain[0].subject, "CN=localhost");
    EXPECT_EQ(seen.tls->chain[0].issuer, "CN=Test CA");
    EXPECT_NEAR(static_cast<double>(*seen.tls->expires),
                static_cast<double>(std::time(nullptr) + 3600), 10);
    EXPECT_TRUE(seen.phases.tls_s && seen.phases.auth_s);
    EXPECT_TRUE(seen.starttls_offered);
}

TEST_F(MailSessionTest, CarriesBytesOnceItIsReady) {
    ScriptedServer server([&](Peer &peer) {
        peer.start_tls(certificate_);
        peer.say("220 hello\r\n");
        peer.answer("250 hello\r\n");
        while (peer.say("you said " + peer.hear() + "\r\n")) {
        }
    });
    auto with = request(server.port());
    with.tls = TlsMode::kImplicit;
    MailSession session(with, Deadline::in(kPatience));
    ASSERT_TRUE(session.ready()) << session.observation().failure->error;
    ASSERT_TRUE(session.send("NOOP\r\n", Deadline::in(kPatience)));
    EXPECT_EQ(*session.receive(Deadline::in(kPatience)), "you said NOOP\r\n");
    EXPECT_EQ(session.receive(Deadline::in(milliseconds(50))).error().message(),
              "localhost[127.0.0.1]:" + std::to_string(server.port()) + " did not answer in time");
}

TEST_F(MailSessionTest, ANameThatDoesNotResolve) {
    auto with = request(25);
    with.server = "nosuch.example.org";
    const auto seen = look(with);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->phase, "resolve");
    EXPECT_EQ(seen.failure->kind, FailureClass::kResolve);
    EXPECT_EQ(seen.failure->error, "cannot resolve nosuch.example.org: not in the hosts file");
    EXPECT_THAT(seen.addresses, IsEmpty());
}

TEST_F(MailSessionTest, ARefusedConnection) {
    const auto port = test::closed_port();
    const auto seen = look(request(port));
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->phase, "connect");
    EXPECT_EQ(seen.failure->kind, FailureClass::kRefused);
    EXPECT_EQ(seen.failure->error,
              "connect to localhost[127.0.0.1]:" + std::to_string(port) + ": Connection refused");
    EXPECT_EQ(seen.addresses.at(0).connected, false);
}

TEST_F(MailSessionTest, OneAddressDeadAndTheOtherAlive) {
    ScriptedServer server([&](Peer &peer) { play(peer, {}, certificate_); }, "127.0.0.2");
    std::ofstream(directory_ / "hosts")
        << "127.0.0.1 localhost\n127.0.0.2 localhost\n127.0.0.3 localhost\n";
    const auto seen = look(request(server.port()));
    EXPECT_FALSE(seen.failure);
    ASSERT_THAT(seen.addresses, SizeIs(3));
    EXPECT_EQ(seen.addresses[0].connected, false);
    EXPECT_THAT(seen.addresses[0].error, HasSubstr("Connection refused"));
    EXPECT_EQ(seen.addresses[1].connected, true);
    EXPECT_EQ(seen.addresses[1].error, "");
    EXPECT_FALSE(seen.addresses[2].connected);
}

TEST_F(MailSessionTest, AnAddressThatDoesNotGreetLeavesTimeForTheNext) {
    ScriptedServer silent([](Peer &peer) { peer.be_silent(); });
    ScriptedServer server([&](Peer &peer) { play(peer, {}, certificate_); }, "127.0.0.2",
                          silent.port());
    std::ofstream(directory_ / "hosts") << "127.0.0.1 localhost\n127.0.0.2 localhost\n";
    const auto seen = look(request(server.port()), milliseconds(1000));
    EXPECT_FALSE(seen.failure);
    EXPECT_THAT(seen.addresses.at(0).error, HasSubstr("did not answer in time"));
}

TEST_F(MailSessionTest, AFullBacklogIsATimeOut) {
    // A socket that nobody accepts from, with its backlog filled, takes no connection any more.
    const UniqueFd hole(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    (void)::bind(hole.get(), reinterpret_cast<sockaddr *>(&name), size);
    ::listen(hole.get(), 0);
    ::getsockname(hole.get(), reinterpret_cast<sockaddr *>(&name), &size);
    std::vector<UniqueFd> fillers;
    for (int i = 0; i < 3; ++i) {
        fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        (void)::connect(fillers.back().get(), reinterpret_cast<sockaddr *>(&name), size);
    }
    const auto seen = look(request(ntohs(name.sin_port)), milliseconds(300));
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->phase, "connect");
    EXPECT_EQ(seen.failure->kind, FailureClass::kTimeout);
    EXPECT_THAT(seen.failure->error, HasSubstr("Connection timed out"));
}

struct SmtpFault {
    const char *name;
    std::function<void(Peer &, const TestCertificate &)> script;
    TlsMode tls;
    const char *phase;
    FailureClass kind;
    const char *error;  ///< part of it
    const char *reply;  ///< "": none
};

void before_auth(Peer &peer, const TestCertificate &certificate, const SmtpScript &script = {}) {
    peer.say(script.greeting);
    peer.answer(script.ehlo);
    peer.answer(script.starttls);
    peer.start_tls(certificate);
    peer.answer(script.ehlo);
}

class SmtpFaults : public MailSessionTest, public testing::WithParamInterface<SmtpFault> {};

TEST_P(SmtpFaults, AreNamedWithThePhaseAndTheWordsOfTheServer) {
    ScriptedServer server([&](Peer &peer) { GetParam().script(peer, certificate_); });
    auto with = request(server.port());
    with.tls = GetParam().tls;
    with.credentials = password("hunter22");
    const auto seen = look(with, milliseconds(700));
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->phase, GetParam().phase) << seen.failure->error;
    EXPECT_EQ(seen.failure->kind, GetParam().kind) << failure_class_name(seen.failure->kind);
    EXPECT_THAT(seen.failure->error, HasSubstr(GetParam().error));
    EXPECT_EQ(seen.failure->reply.value_or(""), GetParam().reply);
    EXPECT_THAT(seen.failure->error, Not(HasSubstr("hunter22")));
}

const auto kNone = TlsMode::kNone;
const auto kStartTls = TlsMode::kStartTls;
const auto kImplicit = TlsMode::kImplicit;

INSTANTIATE_TEST_SUITE_P(Table, SmtpFaults,
                         testing::Values(
                             SmtpFault{"closes_at_once", [](Peer &, const TestCertificate &) {},
                                       kNone, "greeting", FailureClass::kGreetingTimeout,
                                       "closed the connection (step: greeting)", ""},
                             SmtpFault{"closes_in_the_greeting",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220-mail.exam");
                                       },
                                       kNone, "greeting", FailureClass::kGreetingTimeout,
                                       "closed the connection", ""},
                             SmtpFault{
                                 "never_greets",
                                 [](Peer &peer, const TestCertificate &) { peer.be_silent(); },
                                 kNone, "greeting", FailureClass::kGreetingTimeout,
                                 "did not answer in time", ""},
                             SmtpFault{"is_no_mail_server",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("SSH-2.0-OpenSSH_9.2\r\n");
                                           peer.be_silent();
                                       },
                                       kNone, "greeting", FailureClass::kGreetingTimeout,
                                       "did not answer in time", "SSH-2.0-OpenSSH_9.2"},
                             SmtpFault{"greets_with_421",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("421 4.7.28 Too many connections\r\n");
                                       },
                                       kNone, "greeting", FailureClass::kRateLimited,
                                       "refused: 421 4.7.28", "421 4.7.28 Too many connections"},
                             SmtpFault{"greets_with_554_in_two_lines",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say(
                                               "554-mail.example.org\r\n554 5.7.1 Client host "
                                               "rejected\r\n");
                                       },
                                       kNone, "greeting", FailureClass::kReputation, "refused: 554",
                                       "554-mail.example.org 554 5.7.1 Client host rejected"},
                             SmtpFault{"closes_at_ehlo",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.hear();
                                       },
                                       kNone, "ehlo", FailureClass::kLostConnection,
                                       "closed the connection (step: ehlo)", ""},
                             SmtpFault{"closes_in_the_ehlo_answer",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.answer("250-mail.example.org\r\n250-SIZ");
                                       },
                                       kNone, "ehlo", FailureClass::kLostConnection,
                                       "closed the connection", "250-mail.example.org"},
                             SmtpFault{"does_not_answer_ehlo",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.be_silent();
                                       },
                                       kNone, "ehlo", FailureClass::kLostConnection,
                                       "did not answer in time", ""},
                             SmtpFault{"refuses_ehlo_and_helo",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.answer("502 5.5.1 what\r\n");
                                           peer.answer("502 5.5.1 no\r\n");
                                       },
                                       kNone, "ehlo", FailureClass::kServerError,
                                       "refused: 502 5.5.1 no", "502 5.5.1 no"},
                             SmtpFault{"has_no_starttls",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.answer(
                                               "250-mail.example.org\r\n250 AUTH PLAIN\r\n");
                                           peer.be_silent();
                                       },
                                       kStartTls, "starttls", FailureClass::kTlsNotOffered,
                                       "does not offer STARTTLS", ""},
                             SmtpFault{
                                 "refuses_starttls",
                                 [](Peer &peer, const TestCertificate &) {
                                     peer.say("220 hello\r\n");
                                     peer.answer("250-mail.example.org\r\n250 STARTTLS\r\n");
                                     peer.answer(
                                         "454 4.7.0 TLS not available due to local problem\r\n");
                                     peer.be_silent();
                                 },
                                 kStartTls, "starttls", FailureClass::kTlsNotOffered,
                                 "refused STARTTLS: 454",
                                 "454 4.7.0 TLS not available due to local problem"},
                             SmtpFault{"closes_at_starttls",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.answer("250-mail.example.org\r\n250 STARTTLS\r\n");
                                           peer.hear();
                                       },
                                       kStartTls, "starttls", FailureClass::kLostConnection,
                                       "closed the connection", ""},
                             SmtpFault{"injects_text_behind_starttls",
                                       [](Peer &peer, const TestCertificate &certificate) {
                                           peer.say("220 hello\r\n");
                                           peer.answer("250-mail.example.org\r\n250 STARTTLS\r\n");
                                           peer.answer("220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n");
                                           peer.start_tls(certificate);
                                       },
                                       kStartTls, "starttls", FailureClass::kTlsHandshake,
                                       "behind its answer to STARTTLS", ""},
                             SmtpFault{"talks_on_in_plain_text",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.answer("250-mail.example.org\r\n250 STARTTLS\r\n");
                                           peer.answer("220 go\r\n");
                                           peer.hear();
                                           peer.say("500 what is this\r\n");
                                           peer.be_silent();
                                       },
                                       kStartTls, "tls", FailureClass::kTlsHandshake,
                                       "TLS handshake", ""},
                             SmtpFault{
                                 "does_not_shake_hands",
                                 [](Peer &peer, const TestCertificate &) { peer.be_silent(); },
                                 kImplicit, "tls", FailureClass::kTlsHandshake,
                                 "did not answer in time", ""},
                             SmtpFault{"speaks_plain_text_on_the_tls_port",
                                       [](Peer &peer, const TestCertificate &) {
                                           peer.say("220 hello\r\n");
                                           peer.be_silent();
                                       },
                                       kImplicit, "tls", FailureClass::kTlsHandshake,
                                       "wrong version number", ""},
                             SmtpFault{"has_no_auth",
                                       [](Peer &peer, const TestCertificate &certificate) {
                                           before_auth(
                                               peer, certificate,
                                               {.ehlo =
                                                    "250-mail.example.org\r\n250 STARTTLS\r\n"});
                                           peer.be_silent();
                                       },
                                       kStartTls, "auth", FailureClass::kSaslMechanismMismatch,
                                       "offers no AUTH", ""},
                             SmtpFault{
                                 "has_only_other_mechanisms",
                                 [](Peer &peer, const TestCertificate &certificate) {
                                     before_auth(
                                         peer, certificate,
                                         {.ehlo = "250-x\r\n250-STARTTLS\r\n250 AUTH GSSAPI\r\n"});
                                     peer.be_silent();
                                 },
                                 kStartTls, "auth", FailureClass::kSaslMechanismMismatch,
                                 "offers no log-in that can be used, only GSSAPI", ""},
                             SmtpFault{
                                 "refuses_the_password_and_repeats_it",
                                 [](Peer &peer, const TestCertificate &certificate) {
                                     before_auth(peer, certificate);
                                     peer.answer("334 \r\n");
                                     peer.answer(
                                         "535 5.7.8 hunter22 (AGJvYgBodW50ZXIyMg==) is wrong\r\n");
                                     peer.be_silent();
                                 },
                                 kStartTls, "auth", FailureClass::kAuthFailed,
                                 "refused the log-in: 535",
                                 "535 5.7.8 *** (AGJvYgB***g==) is wrong"},
                             SmtpFault{
                                 "wants_an_app_password",
                                 [](Peer &peer, const TestCertificate &certificate) {
                                     before_auth(peer, certificate);
                                     peer.answer("334 \r\n");
                                     peer.answer(
                                         "534-5.7.9 Application-specific password required.\r\n"
                                         "534 5.7.9 Learn more\r\n");
                                     peer.be_silent();
                                 },
                                 kStartTls, "auth", FailureClass::kAppPasswordRequired, "534",
                                 "534-5.7.9 Application-specific password required. 534 5.7.9 "
                                 "Learn more"},
                             SmtpFault{"closes_at_auth",
                                       [](Peer &peer, const TestCertificate &certificate) {
                                           before_auth(peer, certificate);
                                           peer.hear();
                                       },
                                       kStartTls, "auth", FailureClass::kLostConnection,
                                       "closed the connection", ""},
                             SmtpFault{"closes_in_auth",
                                       [](Peer &peer, const TestCertificate &certificate) {
                                           before_auth(peer, certificate);
                                           peer.answer("334 \r\n");
                                           peer.hear();
                                       },
                                       kStartTls, "auth", FailureClass::kLostConnection,
                                       "closed the connection", ""}),
                         [](const auto &fault) { return fault.param.name; });

struct CertificateFault {
    const char *name;
    TestCertificate::Wish wish;
    bool known_authority;
    const char *error;
};

class CertificateFaults : public MailSessionTest,
                          public testing::WithParamInterface<CertificateFault> {};

TEST_P(CertificateFaults, EndTheSessionBeforeTheLogIn) {
    const TestCertificate other({.name = "Other CA", .authority = true});
    const TestCertificate bad(GetParam().wish, GetParam().known_authority ? &authority_ : &other);
    ScriptedServer server([&](Peer &peer) { play(peer, {}, bad); });
    auto with = request(server.port());
    with.tls = TlsMode::kStartTls;
    with.credentials = password("hunter22");
    const auto seen = look(with);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->phase, "tls");
    EXPECT_EQ(seen.failure->kind, FailureClass::kTlsVerify);
    EXPECT_THAT(seen.failure->error, HasSubstr(GetParam().error));
    ASSERT_TRUE(seen.tls);
    EXPECT_EQ(seen.tls->verified, false);
    EXPECT_EQ(seen.tls->verify_error, GetParam().error);
    EXPECT_THAT(seen.tls->chain, SizeIs(1));
}

TEST_P(CertificateFaults, AreReportedWhenVerificationIsOff) {
    const TestCertificate other({.name = "Other CA", .authority = true});
    const TestCertificate bad(GetParam().wish, GetParam().known_authority ? &authority_ : &other);
    ScriptedServer server([&](Peer &peer) { play(peer, {}, bad); });
    auto with = request(server.port());
    with.tls = TlsMode::kStartTls;
    with.tls_policy.verify = false;
    const auto seen = look(with);
    EXPECT_FALSE(seen.failure);
    ASSERT_TRUE(seen.tls);
    EXPECT_FALSE(seen.tls->verified);
    EXPECT_EQ(seen.tls->verify_error, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CertificateFaults,
    testing::Values(
        CertificateFault{
            "expired", {.begins_in_s = -7200, .ends_in_s = -3600}, true, "certificate has expired"},
        CertificateFault{"not_yet_valid",
                         {.begins_in_s = 3600, .ends_in_s = 7200},
                         true,
                         "certificate is not yet valid"},
        CertificateFault{
            "wrong_name",
            {.name = "other.example.org", .alternative_names = "DNS:other.example.org"},
            true,
            "hostname mismatch"},
        CertificateFault{"unknown_authority", {}, false, "unable to get local issuer certificate"}),
    [](const auto &fault) { return fault.param.name; });

TEST_F(MailSessionTest, WithoutACaBundleThereIsNoVerification) {
    ScriptedServer server([&](Peer &peer) { play(peer, {}, certificate_); });
    auto with = request(server.port());
    with.tls = TlsMode::kStartTls;
    with.tls_policy.ca_file = directory_ / "missing.pem";
    const auto seen = look(with);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->kind, FailureClass::kLocalDataError);
    EXPECT_THAT(seen.failure->error, HasSubstr("cannot load CA bundle"));
}

TEST_F(MailSessionTest, AnotherNameMayBeAskedOfTheCertificate) {
    const TestCertificate other({.alternative_names = "DNS:relay.example.org"}, &authority_);
    ScriptedServer server([&](Peer &peer) { play(peer, {}, other); });
    auto with = request(server.port());
    with.tls = TlsMode::kStartTls;
    with.tls_policy.names = {"mail.example.org", "relay.example.org"};
    EXPECT_FALSE(look(with).failure);
}

TEST_F(MailSessionTest, AServerThatTalksWithoutEndIsCutOff) {
    for (const std::string piece : {"250-more\r\n", "no line end "}) {
        std::string flood;
        for (int i = 0; i < 1000; ++i) {
            flood += piece;
        }
        ScriptedServer server([&](Peer &peer) {
            peer.say("220 hello\r\n");
            while (peer.say(flood)) {
            }
        });
        const auto seen = look(request(server.port()), milliseconds(1000));
        ASSERT_TRUE(seen.failure);
        EXPECT_EQ(seen.failure->phase, "ehlo");
    }
}

TEST_F(MailSessionTest, AServerThatTalksUntilTheDeadlineHasNotClosedTheConnection) {
    ScriptedServer server([&](Peer &peer) {
        peer.say("220 hello\r\n");
        peer.answer("250 hello\r\n");
        while (peer.say("and another thing\r\n")) {
        }
    });
    MailSession session(request(server.port()), Deadline::in(milliseconds(500)));
    ASSERT_TRUE(session.ready()) << session.observation().failure->error;
    auto heard = session.receive(Deadline::in(kPatience));
    while (heard) {
        heard = session.receive(Deadline::in(kPatience));
    }
    EXPECT_THAT(heard.error().message(), HasSubstr("talks without end"));
}

TEST_F(MailSessionTest, AThousandEhloLinesAreTooMany) {
    std::string ehlo = "250-mail.example.org\r\n";
    for (int i = 0; i < 1000; ++i) {
        ehlo += "250-X" + std::to_string(i) + "\r\n";
    }
    ScriptedServer server(
        [&](Peer &peer) { play(peer, {.ehlo = ehlo + "250 LAST\r\n"}, certificate_); });
    const auto seen = look(request(server.port()));
    ASSERT_TRUE(seen.failure);
    EXPECT_THAT(seen.failure->error, HasSubstr("talks without end (step: ehlo)"));
}

}  // namespace
}  // namespace mail_relay
