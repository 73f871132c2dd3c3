// What can go wrong before the first mail command, each seen from the sections of a whole run: on
// the submission's side and on the mailbox's.

#include <gmock/gmock.h>

#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

using test::TestCertificate;
using testing::HasSubstr;
using End = test::Twist::End;

/// Every test runs twice: the fault is at the submission server, or at the mailbox.
class SessionFault : public LoopTest, public testing::WithParamInterface<const char *> {
  protected:
    static bool at_mailbox() { return std::string(GetParam()) == "mailbox"; }
    Endpoint &endpoint() {
        return at_mailbox() ? loop_.mailbox.endpoint : loop_.submission.endpoint;
    }
    static void expect_failure(const Sections &seen, const std::string &phase,
                               const std::string &kind, const std::string &words) {
        const std::string healthy = at_mailbox() ? "submission" : "mailbox";
        EXPECT_EQ(seen.at(GetParam(), "/ok"), false) << seen.text();
        EXPECT_EQ(seen.word(GetParam(), "/failure/phase"), phase);
        EXPECT_EQ(seen.word(GetParam(), "/failure/class"), kind);
        EXPECT_THAT(seen.word(GetParam(), "/failure/error"), HasSubstr(words));
        // A fault of one side does not keep the other from being looked at.
        EXPECT_EQ(seen.at(healthy, "/ok"), true) << seen.text();
    }
    /// Lets the server in question speak TLS from the first byte.
    void use_implicit_tls(const TestCertificate &certificate) {
        endpoint().tls = TlsMode::kImplicit;
        if (at_mailbox()) {
            imap_.implicit_tls = true;
            imap_.certificate = &certificate;
        } else {
            smtp_.implicit_tls = true;
            smtp_.certificate = &certificate;
        }
    }
    void use_starttls() {
        endpoint().tls = TlsMode::kStartTls;
        smtp_.ehlo = "250-mail.example.org\r\n250 STARTTLS\r\n";
        imap_.capabilities = "IMAP4rev1 STARTTLS UIDPLUS";
    }
    void answer_starttls(const std::string &smtp, const std::string &imap, End end = End::kGoOn) {
        smtp_.twists["STARTTLS"] = {smtp, end};
        imap_.twists["STARTTLS"] = {imap, end};
    }
};

INSTANTIATE_TEST_SUITE_P(At, SessionFault, testing::Values("submission", "mailbox"),
                         [](const auto &side) { return std::string(side.param); });

TEST_P(SessionFault, NameDoesNotResolve) {
    start();
    endpoint().server = "no-such-host.test";
    expect_failure(run(), "resolve", "resolve", "cannot resolve no-such-host.test");
}

TEST_P(SessionFault, OneAddressIsDeadAndTheOtherAlive) {
    std::ofstream(directory_ / "hosts") << "127.0.0.9 mail.test imap.test\n"
                                        << "127.0.0.1 mail.test imap.test\n";
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at(GetParam(), "/ok"), true) << seen.text();
    EXPECT_EQ(seen.word(GetParam(), "/addresses/0/address"), "127.0.0.9");
    EXPECT_EQ(seen.at(GetParam(), "/addresses/0/connected"), false);
    EXPECT_THAT(seen.word(GetParam(), "/addresses/0/error"), HasSubstr("Connection refused"));
    EXPECT_EQ(seen.at(GetParam(), "/addresses/1/connected"), true);
}

TEST_P(SessionFault, ConnectionIsRefused) {
    start();
    endpoint().port = test::closed_port();
    expect_failure(run(), "connect", "refused", "Connection refused");
}

/// A port that takes no connection: its queue is full.
class BlackHole {
  public:
    BlackHole() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        (void)::bind(socket_.get(), reinterpret_cast<sockaddr *>(&name), size);
        ::listen(socket_.get(), 0);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&name), &size);
        port_ = ntohs(name.sin_port);
        for (auto &caller : callers_) {
            caller = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            (void)::connect(caller.get(), reinterpret_cast<sockaddr *>(&name), sizeof name);
        }
    }
    std::uint16_t port() const { return port_; }

  private:
    UniqueFd socket_;
    std::array<UniqueFd, 4> callers_;
    std::uint16_t port_ = 0;
};

TEST_P(SessionFault, ABlackHoleTakesNoMoreThanItsShare) {
    const BlackHole hole;
    start();
    endpoint().port = hole.port();
    expect_failure(run(Milliseconds(3'000)), "connect", "timeout", "Connection timed out");
}

TEST_P(SessionFault, GreetingNeverComes) {
    (at_mailbox() ? imap_.twists : smtp_.twists)["greeting"] = {"", End::kSilence};
    start();
    expect_failure(run(Milliseconds(3'000)), "greeting", "greeting_timeout",
                   "did not answer in time (step: greeting)");
}

TEST_P(SessionFault, AnotherProtocolAnswers) {
    (at_mailbox() ? imap_.twists : smtp_.twists)["greeting"] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                                                End::kClose};
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at(GetParam(), "/ok"), false) << seen.text();
    EXPECT_EQ(seen.word(GetParam(), "/failure/phase"), "greeting");
    EXPECT_THAT(seen.word(GetParam(), "/failure/reply"), HasSubstr("HTTP/1.1 400 Bad Request"));
}

TEST_P(SessionFault, StarttlsIsMissing) {
    endpoint().tls = TlsMode::kStartTls;
    start();
    expect_failure(run(), "starttls", "tls_not_offered", "does not offer STARTTLS");
}

TEST_P(SessionFault, StarttlsIsRefused) {
    use_starttls();
    answer_starttls("454 4.7.0 TLS not available\r\n", "{tag} NO no TLS today\r\n");
    start();
    expect_failure(run(), "starttls", "tls_not_offered",
                   at_mailbox() ? "no TLS today" : "454 4.7.0 TLS not available");
}

TEST_P(SessionFault, GarbageFollowsStarttls) {
    use_starttls();
    answer_starttls("220 go\r\nthis is no handshake, whatever it may be\r\n",
                    "{tag} OK go\r\nthis is no handshake, whatever it may be\r\n");
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at(GetParam(), "/ok"), false) << seen.text();
    EXPECT_EQ(seen.word(GetParam(), "/failure/phase"), "starttls");
    EXPECT_EQ(seen.word(GetParam(), "/failure/class"), "tls_handshake");
}

TEST_P(SessionFault, ClosesInTheHandshake) {
    use_starttls();
    answer_starttls("220 go\r\n", "{tag} OK go\r\n", End::kClose);
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at(GetParam(), "/ok"), false) << seen.text();
    EXPECT_EQ(seen.word(GetParam(), "/failure/phase"), "tls");
    EXPECT_EQ(seen.word(GetParam(), "/failure/class"), "tls_handshake");
    EXPECT_NE(seen.word(GetParam(), "/failure/error").find("closed the connection"),
              std::string::npos);
}

TEST_P(SessionFault, CertificateHasExpired) {
    const TestCertificate expired({.name = "mail.test",
                                   .alternative_names = "DNS:mail.test,DNS:imap.test",
                                   .begins_in_s = -7200,
                                   .ends_in_s = -60},
                                  &authority_);
    use_implicit_tls(expired);
    start();
    const auto seen = run();
    expect_failure(seen, "tls", "tls_verify", "certificate has expired");
    EXPECT_EQ(seen.at(GetParam(), "/tls/verified"), false);
    EXPECT_LT(seen.at(GetParam(), "/tls/expires").to_number<std::int64_t>(), real_ms() / 1000);
}

TEST_P(SessionFault, CertificateHasAnotherName) {
    use_implicit_tls(certificate_);
    start();
    expect_failure(run(), "tls", "tls_verify", "hostname mismatch");
}

TEST_P(SessionFault, CertificateIsOfAnUnknownAuthority) {
    const TestCertificate stranger({.name = "Another CA", .authority = true});
    const TestCertificate of_stranger({.alternative_names = "DNS:mail.test,DNS:imap.test"},
                                      &stranger);
    use_implicit_tls(of_stranger);
    start();
    expect_failure(run(), "tls", "tls_verify", "unable to get local issuer certificate");
}

TEST_P(SessionFault, ABadCertificateIsReportedButUsedIfVerificationIsOff) {
    use_implicit_tls(certificate_);
    endpoint().verify = false;
    start();
    const auto seen = run();
    EXPECT_EQ(seen.at(GetParam(), "/ok"), true) << seen.text();
    EXPECT_EQ(seen.at(GetParam(), "/tls/verified"), boost::json::value());
    EXPECT_THAT(seen.word(GetParam(), "/tls/verify_error"), HasSubstr("hostname mismatch"));
}

TEST_P(SessionFault, AuthorityFileIsMissing) {
    use_implicit_tls(certificate_);
    context_.ca_file = directory_ / "nothing.pem";
    start();
    expect_failure(run(), "tls", "local_data_error", "nothing.pem");
}

}  // namespace
}  // namespace mail_relay::roundtrip
