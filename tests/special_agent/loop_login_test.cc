// Log-ins of both sides, and what can go wrong with them, seen from the sections of a whole run.

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/special_agent/loop_fixture.h"

namespace mail_relay::roundtrip {
namespace {

using test::Peer;
using test::ScriptedServer;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using End = test::Twist::End;

std::string base64(const std::string &bytes) {
    std::string encoded(4 * (bytes.size() / 3 + 1) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(encoded.data()),
                                     reinterpret_cast<const unsigned char *>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
}

std::string hmac_md5(const std::string &key, const std::string &text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char *>(text.data()), text.size(), digest.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += fmt::format("{:02x}", digest.at(i));
    }
    return hex;
}

/// A log-in at the submission server or at the mailbox.
class LoopLogin : public LoopTest {
  protected:
    LoopLogin() {
        smtp_.ehlo =
            "250-mail.example.org\r\n250 AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER\r\n";
        imap_.capabilities =
            "IMAP4rev1 UIDPLUS AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=XOAUTH2 AUTH=OAUTHBEARER";
    }
    ~LoopLogin() override {
        // Whatever happened: no secret in the output or in a file.
        for (const auto *secret :
             {"hunter22secret", "client-secret-9", "refresh-token-9", "access-token-9"}) {
            for (const auto &place : {output_, state()}) {
                EXPECT_THAT(place, Not(HasSubstr(secret)));
                EXPECT_THAT(place, Not(HasSubstr(base64(secret).substr(0, 12))));
            }
        }
    }

    Sections run_once(Milliseconds patience = Milliseconds(20'000)) {
        auto seen = run(patience);
        output_ += seen.text();
        return seen;
    }

    static Login password(const std::string &mechanism = "") {
        Login login;
        login.user = "sentinel";
        login.mechanism = mechanism;
        login.secret = "password";
        return login;
    }

    std::string state() const {
        std::ifstream file(directory_ / "lab.json");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::string output_;
};

TEST_F(LoopLogin, WithoutAWishTakesWhatIsOffered) {
    loop_.submission.login = password();
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.at("submission", "/ok"), true) << seen.text();
    EXPECT_NE(seen.word("submission", "/authenticated_with"), "null");
    EXPECT_EQ(seen.at("mailbox", "/ok"), true) << seen.text();
    EXPECT_NE(seen.word("mailbox", "/authenticated_with"), "null");
}

TEST_F(LoopLogin, Plain) {
    loop_.submission.login = loop_.mailbox.login = password("PLAIN");
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/authenticated_with"), "PLAIN") << seen.text();
    EXPECT_EQ(seen.word("mailbox", "/authenticated_with"), "PLAIN") << seen.text();
    const auto response = base64(std::string("\0sentinel\0hunter22secret", 24));
    EXPECT_THAT(smtp_.heard(), Contains(response));
    EXPECT_THAT(imap_.heard(), Contains(response));
    EXPECT_GT(seen.at("submission", "/phases/auth_s").to_number<double>(), 0.0);
}

TEST_F(LoopLogin, LoginOfSasl) {
    loop_.submission.login = password("LOGIN");
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/authenticated_with"), "LOGIN") << seen.text();
    EXPECT_THAT(smtp_.heard(), Contains(base64("sentinel")));
    EXPECT_THAT(smtp_.heard(), Contains(base64("hunter22secret")));
}

TEST_F(LoopLogin, CramMd5KeepsThePasswordFromTheWire) {
    const std::string challenge = "<1.1795251725@mail.example.org>";
    smtp_.challenge = imap_.challenge = base64(challenge);
    loop_.submission.login = loop_.mailbox.login = password("CRAM-MD5");
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/authenticated_with"), "CRAM-MD5") << seen.text();
    EXPECT_EQ(seen.word("mailbox", "/authenticated_with"), "CRAM-MD5") << seen.text();
    const auto response = base64("sentinel " + hmac_md5("hunter22secret", challenge));
    EXPECT_THAT(smtp_.heard(), Contains(response));
    EXPECT_THAT(imap_.heard(), Contains(response));
}

TEST_F(LoopLogin, IsNotOfferedBySubmission) {
    smtp_.ehlo = "250 mail.example.org\r\n";
    loop_.submission.login = password();
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "auth") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "sasl_mechanism_mismatch");
    EXPECT_THAT(seen.word("submission", "/failure/error"), HasSubstr("offers no AUTH"));
    EXPECT_THAT(smtp_.mails(), IsEmpty());
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
}

TEST_F(LoopLogin, OffersAnotherMechanismThanWanted) {
    smtp_.ehlo = "250-mail.example.org\r\n250 AUTH GSSAPI NTLM\r\n";
    imap_.capabilities = "IMAP4rev1 UIDPLUS LOGINDISABLED AUTH=GSSAPI";
    loop_.submission.login = loop_.mailbox.login = password("PLAIN");
    start();
    const auto seen = run_once();
    for (const auto *side : {"submission", "mailbox"}) {
        EXPECT_EQ(seen.word(side, "/failure/phase"), "auth") << seen.text();
        EXPECT_EQ(seen.word(side, "/failure/class"), "sasl_mechanism_mismatch");
        EXPECT_THAT(seen.word(side, "/failure/error"), HasSubstr("GSSAPI"));
    }
    EXPECT_THAT(smtp_.mails(), IsEmpty());
}

TEST_F(LoopLogin, IsRefused) {
    smtp_.verdict = "535 5.7.8 Error: authentication failed\r\n";
    imap_.twists["log-in"] = {"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"};
    loop_.submission.login = password("PLAIN");
    start();
    const auto seen = run_once();
    for (const auto *side : {"submission", "mailbox"}) {
        EXPECT_EQ(seen.word(side, "/failure/phase"), "auth") << seen.text();
        EXPECT_EQ(seen.word(side, "/failure/class"), "auth_failed");
    }
    EXPECT_THAT(seen.word("submission", "/failure/error"),
                HasSubstr("535 5.7.8 Error: authentication failed"));
    EXPECT_THAT(seen.word("mailbox", "/failure/reply"), HasSubstr("Invalid credentials"));
}

TEST_F(LoopLogin, WantsAnAppPassword) {
    smtp_.verdict = "534-5.7.9 Application-specific password required.\r\n534 5.7.9 Learn more\r\n";
    loop_.submission.login = password("PLAIN");
    start();
    EXPECT_EQ(run_once().word("submission", "/failure/class"), "app_password_required");
}

TEST_F(LoopLogin, ServersThatRepeatTheSecretDoNotGetItIntoTheSections) {
    const auto response = base64(std::string("\0sentinel\0hunter22secret", 24));
    smtp_.verdict = "535 5.7.8 not with hunter22secret or " + response + "\r\n";
    imap_.twists["log-in"] = {"{tag} NO LOGIN sentinel hunter22secret refused\r\n"};
    loop_.submission.login = password("PLAIN");
    start();
    const auto seen = run_once();
    EXPECT_THAT(seen.word("submission", "/failure/reply"), HasSubstr("not with ***"));
    EXPECT_THAT(seen.word("mailbox", "/failure/reply"), HasSubstr("*** refused"));
}

TEST_F(LoopLogin, ClosesOrIsSilentInTheMiddle) {
    loop_.submission.login = password("PLAIN");
    smtp_.twists["AUTH"] = {"", End::kClose};
    imap_.twists["log-in"] = {"", End::kSilence};
    start();
    const auto seen = run_once(Milliseconds(3'000));
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "auth") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "lost_connection");
    EXPECT_EQ(seen.word("mailbox", "/failure/phase"), "auth");
    EXPECT_THAT(seen.word("mailbox", "/failure/error"), HasSubstr("did not answer in time"));
}

/// The token endpoint of an OAuth2 provider.
class TokenEndpoint {
  public:
    using Answer = std::function<std::string(const std::string &form)>;

    TokenEndpoint(const test::TestCertificate &certificate, Answer answer)
        : answer_(std::move(answer)), server_([this, &certificate](Peer &peer) {
              if (!peer.start_tls(certificate)) {
                  return;
              }
              std::size_t size = 0;
              for (auto line = peer.hear(); !line.empty(); line = peer.hear()) {
                  if (line.starts_with("Content-Length: ")) {
                      size = std::stoul(line.substr(16));
                  }
              }
              const auto form = peer.hear_bytes(size);
              ++asked_;
              peer.say(answer_(form));
          }) {}

    std::string url() const {
        return "https://localhost:" + std::to_string(server_.port()) + "/token";
    }
    int asked() const { return asked_; }

  private:
    Answer answer_;
    std::atomic<int> asked_ = 0;
    ScriptedServer server_;
};

std::string http(int status, const std::string &body) {
    return fmt::format("HTTP/1.1 {} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", status,
                       body.size(), body);
}

std::string good_token(const std::string & /*form*/) {
    return http(200,
                R"({"access_token":"access-token-9","token_type":"Bearer","expires_in":3600})");
}

class LoopOauth : public LoopLogin {
  protected:
    static Login oauth(const TokenEndpoint &endpoint, const std::string &mechanism = "XOAUTH2") {
        Login login;
        login.kind = Login::Kind::kClientCredentials;
        login.user = "sentinel@example.org";
        login.mechanism = mechanism;
        login.token_url = endpoint.url();
        login.client_id = "client-id";
        login.client_secret = "client";
        login.scope = "https://mail.example.org/.default";
        return login;
    }

    /// One run against an endpoint that answers like this.
    Sections run_with(const std::string &answer, Milliseconds patience = Milliseconds(20'000)) {
        const TokenEndpoint endpoint(certificate_, [&](const std::string &) { return answer; });
        loop_.submission.login = oauth(endpoint);
        start();
        return run_once(patience);
    }
};

TEST_F(LoopOauth, Xoauth2AndOauthbearerUseTheTokenUntilItExpires) {
    std::string form;
    const TokenEndpoint endpoint(certificate_, [&](const std::string &sent) {
        form = sent;
        return good_token(sent);
    });
    loop_.submission.login = oauth(endpoint, "XOAUTH2");
    loop_.mailbox.login = oauth(endpoint, "OAUTHBEARER");
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/authenticated_with"), "XOAUTH2") << seen.text();
    EXPECT_EQ(seen.word("mailbox", "/authenticated_with"), "OAUTHBEARER") << seen.text();
    EXPECT_THAT(form, HasSubstr("grant_type=client_credentials"));
    EXPECT_THAT(form, HasSubstr("client_secret=client-secret-9"));
    EXPECT_THAT(form, HasSubstr("scope=https%3A%2F%2Fmail.example.org%2F.default"));
    EXPECT_THAT(smtp_.heard(),
                Contains(base64("user=sentinel@example.org\1auth=Bearer access-token-9\1\1")));
    EXPECT_EQ(endpoint.asked(), 2);  // one for each side

    let_the_interval_pass();
    run_once();
    EXPECT_THAT(smtp_.mails(), SizeIs(2));
    EXPECT_EQ(endpoint.asked(), 2);

    clock_shift_ms_ += 3'600'000;
    run_once();
    EXPECT_EQ(endpoint.asked(), 4);
}

TEST_F(LoopOauth, ATokenLiesInAPrivateFile) {
    const TokenEndpoint endpoint(certificate_, good_token);
    loop_.submission.login = oauth(endpoint);
    start();
    run_once();
    const auto file = directory_ / "lab.submission.token";
    ASSERT_TRUE(std::filesystem::exists(file));
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LoopOauth, ARefreshTokenThatIsReplacedIsUsedNextTime) {
    std::vector<std::string> forms;
    const TokenEndpoint endpoint(certificate_, [&](const std::string &form) {
        forms.push_back(form);
        return http(200, R"({"access_token":"access-token-9","expires_in":"600",)"
                         R"("refresh_token":"next-refresh-token"})");
    });
    loop_.submission.login = oauth(endpoint);
    loop_.submission.login->kind = Login::Kind::kRefreshToken;
    loop_.submission.login->refresh_token = "refresh";
    start();
    run_once();
    clock_shift_ms_ += 700'000;
    run_once();
    ASSERT_THAT(forms, SizeIs(2));
    EXPECT_THAT(forms[0], HasSubstr("refresh_token=refresh-token-9"));
    EXPECT_THAT(forms[1], HasSubstr("refresh_token=next-refresh-token"));
}

TEST_F(LoopOauth, ATokenThatTheServerRefusesIsNotUsedAgain) {
    const TokenEndpoint endpoint(certificate_, good_token);
    loop_.submission.login = oauth(endpoint);
    smtp_.verdict = "535 5.7.8 Username and Password not accepted\r\n";
    start();
    EXPECT_EQ(run_once().word("submission", "/failure/phase"), "auth");
    let_the_interval_pass();
    run_once();
    EXPECT_EQ(endpoint.asked(), 2);
}

TEST_F(LoopOauth, TheEndpointIsDown) {
    const TokenEndpoint endpoint(certificate_, good_token);
    loop_.submission.login = oauth(endpoint);
    loop_.submission.login->token_url =
        "https://localhost:" + std::to_string(test::closed_port()) + "/token";
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "token") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "refused");
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
    EXPECT_THAT(smtp_.mails(), IsEmpty());
}

TEST_F(LoopOauth, TheEndpointIsSlow) {
    const ScriptedServer silent([](Peer &peer) { peer.be_silent(); });
    const TokenEndpoint endpoint(certificate_, good_token);
    loop_.submission.login = oauth(endpoint);
    loop_.submission.login->token_url =
        "https://localhost:" + std::to_string(silent.port()) + "/token";
    start();
    const auto seen = run_once(Milliseconds(3'000));
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "token") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "timeout");
}

TEST_F(LoopOauth, TheEndpointIsAnImpostor) {
    const test::TestCertificate impostor({.name = "localhost"});
    const TokenEndpoint endpoint(impostor, good_token);
    loop_.submission.login = oauth(endpoint);
    start();
    const auto seen = run_once();
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "token") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "tls_verify");
    EXPECT_EQ(endpoint.asked(), 0);
}

TEST_F(LoopOauth, TheEndpointAnswersAnError) {
    const auto seen = run_with(
        http(400, R"({"error":"invalid_grant","error_description":"refused client-secret-9"})"));
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "token") << seen.text();
    EXPECT_EQ(seen.word("submission", "/failure/class"), "oauth_token");
    EXPECT_EQ(seen.word("submission", "/failure/reply"), "HTTP 400 invalid_grant: refused ***");
}

TEST_F(LoopOauth, TheEndpointIsOverloaded) {
    EXPECT_EQ(run_with(http(429, "slow down")).word("submission", "/failure/class"),
              "rate_limited");
}

TEST_F(LoopOauth, TheEndpointIsBroken) {
    const auto seen = run_with(http(503, "<html>"));
    EXPECT_EQ(seen.word("submission", "/failure/class"), "server_error");
    EXPECT_EQ(seen.word("submission", "/failure/reply"), "HTTP 503");
}

TEST_F(LoopOauth, TheEndpointWantsUsElsewhere) {
    const auto seen =
        run_with("HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(seen.word("submission", "/failure/reply"), "HTTP 302");
}

struct Nonsense {
    const char *name;
    std::string answer;
    const char *words;

    // NOLINTNEXTLINE(readability-identifier-naming): the name is GoogleTest's.
    friend void PrintTo(const Nonsense &nonsense, std::ostream *out) { *out << nonsense.name; }
};

class NonsenseToken : public LoopOauth, public testing::WithParamInterface<Nonsense> {};

TEST_P(NonsenseToken, IsAFailureInPhaseToken) {
    const auto seen = run_with(GetParam().answer);
    EXPECT_EQ(seen.word("submission", "/failure/phase"), "token") << seen.text();
    EXPECT_THAT(seen.word("submission", "/failure/error"), HasSubstr(GetParam().words));
    EXPECT_THAT(smtp_.mails(), IsEmpty());
    EXPECT_EQ(seen.at("mailbox", "/ok"), true);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NonsenseToken,
    testing::Values(
        Nonsense{"NoJson", http(200, "<html>hello</html>"), "without a usable access_token"},
        Nonsense{"Array", http(200, "[1,2]"), "without a usable access_token"},
        Nonsense{"NoToken", http(200, R"({"expires_in":3600})"), "without a usable access_token"},
        Nonsense{"NumberAsToken", http(200, R"({"access_token":7})"),
                 "without a usable access_token"},
        Nonsense{"LineEndInTheToken", http(200, R"({"access_token":"a\r\nQUIT"})"),
                 "without a usable access_token"},
        Nonsense{"Deep", http(200, std::string(50'000, '[')), "without a usable access_token"},
        Nonsense{"Huge", http(200, std::string(200'000, 'x')), "more than 65536 bytes"},
        Nonsense{"NoHttp", "hello\r\n", "localhost"}, Nonsense{"Nothing", "", "localhost"}),
    [](const auto &nonsense) { return nonsense.param.name; });

TEST_F(LoopOauth, ATokenWithoutALifeIsUsedOnce) {
    const TokenEndpoint endpoint(certificate_, [](const std::string &) {
        return http(200, R"({"access_token":"access-token-9"})");
    });
    loop_.submission.login = oauth(endpoint);
    start();
    EXPECT_EQ(run_once().at("submission", "/ok"), true);
    let_the_interval_pass();
    run_once();
    EXPECT_EQ(endpoint.asked(), 2);
}

TEST_F(LoopOauth, ADamagedTokenFileIsAsGoodAsNone) {
    std::ofstream(directory_ / "lab.submission.token") << R"({"for":"x","access_token":")";
    const TokenEndpoint endpoint(certificate_, good_token);
    loop_.submission.login = oauth(endpoint);
    start();
    EXPECT_EQ(run_once().at("submission", "/ok"), true);
    EXPECT_EQ(endpoint.asked(), 1);
}

}  // namespace
}  // namespace mail_relay::roundtrip
