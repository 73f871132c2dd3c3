#include "special_agent/authentication_results.h"

#include <gtest/gtest.h>

#include <string>

namespace mail_relay::roundtrip {
namespace {

constexpr const char *kGmail =
    "mx.google.com;\r\n"
    "       dkim=pass header.i=@example.org header.s=mail header.b=AbC/d+=;\r\n"
    "       spf=pass (google.com: domain of monitoring@example.org designates 192.0.2.1 as "
    "permitted sender) smtp.mailfrom=monitoring@example.org;\r\n"
    "       dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=example.org";
constexpr const char *kMicrosoft =
    "spf=softfail (sender IP is 192.0.2.1)\r\n smtp.mailfrom=example.org; dkim=none (message not "
    "signed)\r\n header.d=none;dmarc=none action=none\r\n header.from=example.org;compauth=fail "
    "reason=601";

TEST(AuthenticationResults, ReadsWhatGmailWrites) {
    const auto parsed = parse_authentication_results(kGmail);
    EXPECT_EQ(parsed.authority, "mx.google.com");
    ASSERT_EQ(parsed.results.size(), 3U);
    EXPECT_EQ(parsed.results[0].method, "dkim");
    EXPECT_EQ(parsed.results[0].domain, "example.org");
    EXPECT_EQ(parsed.results[1].result, "pass");
    EXPECT_EQ(parsed.results[1].domain, "example.org");
    EXPECT_NE(parsed.results[1].reason.find("designates 192.0.2.1"), std::string::npos);
    EXPECT_EQ(parsed.results[2].result, "fail");
    EXPECT_EQ(parsed.results[2].reason, "p=REJECT sp=REJECT dis=NONE");
}

TEST(AuthenticationResults, ReadsWhatMicrosoftWritesWithoutAnAuthority) {
    const auto verdicts = judge_authentication({kMicrosoft}, "");
    ASSERT_TRUE(verdicts);
    EXPECT_EQ(verdicts->authority, "");
    EXPECT_EQ(verdicts->spf->result, "softfail");
    EXPECT_EQ(verdicts->dkim->result, "none");
    EXPECT_EQ(verdicts->dmarc->domain, "example.org");
}

TEST(AuthenticationResults, ReadsVersionsCommentsAndQuotedReasons) {
    const auto parsed = parse_authentication_results(
        "Mail.Example.Org (a (nested; one) comment) 1; DKIM/1 = FAIL reason=\"bad; \\\"hash\\\"\" "
        "(no key) header.d=Example.ORG");
    EXPECT_EQ(parsed.authority, "mail.example.org");
    ASSERT_EQ(parsed.results.size(), 1U);
    EXPECT_EQ(parsed.results[0].method, "dkim");
    EXPECT_EQ(parsed.results[0].result, "fail");
    EXPECT_EQ(parsed.results[0].reason, "bad; \"hash\"");
    EXPECT_EQ(parsed.results[0].domain, "example.org");
}

TEST(AuthenticationResults, NoneMeansNoResults) {
    const auto parsed = parse_authentication_results("mx.example.org; none");
    EXPECT_EQ(parsed.authority, "mx.example.org");
    EXPECT_TRUE(parsed.results.empty());
}

TEST(AuthenticationResults, OfSeveralSignaturesOneThatPassedCounts) {
    const auto verdicts = judge_authentication(
        {"mx.example.org; dkim=fail header.d=a.test; dkim=pass header.d=b.test; dkim=fail"}, "");
    EXPECT_EQ(verdicts->dkim->domain, "b.test");
}

TEST(AuthenticationResults, SeveralHeadersOfTheTopmostAuthorityAreOne) {
    const auto verdicts = judge_authentication(
        {"mx.example.org; dmarc=pass header.from=a.test", "mx.example.org; spf=pass",
         "forged.example.org; dkim=pass", "mx.example.org; dkim=pass"},
        "");
    EXPECT_EQ(verdicts->dmarc->result, "pass");
    EXPECT_EQ(verdicts->spf->result, "pass");
    EXPECT_FALSE(verdicts->dkim) << "below a foreign header anything may have been sent along";
}

TEST(AuthenticationResults, AForgedHeaderFurtherDownIsNotBelieved) {
    const auto verdicts = judge_authentication(
        {"mx.example.org; spf=fail", "mx.google.com; spf=pass; dkim=pass; dmarc=pass"}, "");
    EXPECT_EQ(verdicts->spf->result, "fail");
    EXPECT_FALSE(verdicts->dmarc);
}

TEST(AuthenticationResults, AConfiguredAuthorityIsLookedFor) {
    const std::vector<std::string> headers = {"gateway.example.org; spf=fail",
                                              "MX.example.org; spf=pass"};
    EXPECT_EQ(judge_authentication(headers, "mx.Example.org")->spf->result, "pass");
    EXPECT_FALSE(judge_authentication(headers, "mx.example.com"));
    EXPECT_FALSE(judge_authentication({}, ""));
}

TEST(AuthenticationResults, HostileHeadersEnd) {
    EXPECT_TRUE(parse_authentication_results(std::string(1'000'000, '(')).results.empty());
    EXPECT_TRUE(parse_authentication_results("\"").results.empty());
    EXPECT_LE(parse_authentication_results("===;;;===(\\").results.size(), 50U);
    std::string many = "mx.example.org";
    for (int i = 0; i < 1000; ++i) {
        many += "; spf=pass";
    }
    EXPECT_LE(parse_authentication_results(many).results.size(), 51U);
}

TEST(AuthenticationResults, AStrayBracketEndsNothing) {
    const auto parsed = parse_authentication_results("mx.example.org ); )spf=pass) x");
    EXPECT_EQ(parsed.authority, "mx.example.org");
    ASSERT_EQ(parsed.results.size(), 1U);
    EXPECT_EQ(parsed.results[0].result, "pass");
}

}  // namespace
}  // namespace mail_relay::roundtrip
