#include "agent_plugin/credentials_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "map_folder.h"

namespace mail_relay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> keys(const std::string &written, const Configuration &configuration = {}) {
    return credentials_keys(parse_relayhost(written).value(), configuration);
}

TEST(CredentialsKeys, HostFirstThenTheNextHopAsWritten) {
    // Seen in the log of smtp -v of Postfix 3.7.11.
    EXPECT_THAT(keys("[smtp.example.org]:587"),
                ElementsAre("smtp.example.org", "[smtp.example.org]:587"));
    EXPECT_THAT(keys("[smtp.example.org]"), ElementsAre("smtp.example.org", "[smtp.example.org]"));
    EXPECT_THAT(keys("[192.0.2.1]:587"), ElementsAre("192.0.2.1", "[192.0.2.1]:587"));
    EXPECT_THAT(keys("[IPv6:::1]:587"), ElementsAre("::1", "[IPv6:::1]:587"));
}

TEST(CredentialsKeys, TheHostBehindAnMxIsNotKnown) {
    EXPECT_THAT(keys("example.org"), ElementsAre("example.org"));
    EXPECT_THAT(keys("example.org:587"), ElementsAre("example.org:587"));
    Configuration no_dns;
    no_dns.parameters["smtp_dns_support_level"] = "disabled";
    EXPECT_THAT(keys("example.org:587", no_dns), ElementsAre("example.org", "example.org:587"));
    Configuration cname;
    cname.parameters["smtp_cname_overrides_servername"] = "yes";
    EXPECT_THAT(keys("[example.org]:587", cname), ElementsAre("[example.org]:587"));
}

TEST(CredentialsKeys, SimilarKeysAreNoneOfThoseTried) {
    const auto similar = similar_keys(parse_relayhost("[h]:587").value(), {});
    EXPECT_THAT(similar, Contains("[h]"));
    EXPECT_THAT(similar, Contains("h:587"));
    EXPECT_THAT(similar, Contains("[h]:submission"));
    EXPECT_THAT(similar, Not(Contains("h")));
    EXPECT_THAT(similar, Not(Contains("[h]:587")));
    const auto of_domain = similar_keys(parse_relayhost("example.org:587").value(), {});
    EXPECT_THAT(of_domain, Contains("[example.org]:587"));
    EXPECT_THAT(of_domain, Not(Contains("example.org")));
}

TEST(CredentialsForm, UserAndPasswordAroundAColon) {
    for (const auto *good : {"u:p", "user@example.org:pass word", "u:p:q", "DOMAIN\\u:p"}) {
        EXPECT_TRUE(is_well_formed(good)) << good;
    }
    for (const auto *bad : {"", "user", ":", "user:", ":password", "user password"}) {
        EXPECT_FALSE(is_well_formed(bad)) << bad;
    }
}

class CredentialsTest : public MapFolder {
  protected:
    Credentials gather() {
        FactCache cache(files_, instance_, state_directory(), kNow);
        TableLookup lookup(files_, instance_, configuration_, cache, soon(), kNow);
        return gather_credentials(files_, configuration_, lookup, kNow);
    }

    CredentialsEntry entry(const std::string &relayhost, const std::string &content) {
        write("sasl_passwd", content);
        configuration_.parameters["relayhost"] = relayhost;
        configuration_.parameters["smtp_sasl_password_maps"] = "texthash:" + path("sasl_passwd");
        return gather().maps.at(0).entries.at(0);
    }

    FileTree files_;
};

TEST_F(CredentialsTest, FindsTheKeyThatPostfixFinds) {
    struct Case {
        const char *relayhost;
        const char *content;
        const char *key;
    };
    for (const auto &[relayhost, content, key] : {
             Case{"[h]:587", "[h]:587 u:p\n", "[h]:587"},
             Case{"[h]:587", "h u:p\n", "h"},
             Case{"[h]:587", "[h]:587 u:p\nh v:q\n", "h"},
             Case{"[H.example.org]:587", "[h.EXAMPLE.org]:587 u:p\n", "[H.example.org]:587"},
             Case{"example.org:587", "example.org:587 u:p\n", "example.org:587"},
             Case{"[::1]:587", "::1 u:p\n", "::1"},
         }) {
        const auto found = entry(relayhost, content);
        EXPECT_EQ(found.found, true) << relayhost << content;
        EXPECT_EQ(found.key, key);
        EXPECT_EQ(found.well_formed, true);
    }
}

TEST_F(CredentialsTest, AKeyThatPostfixNeverTriesIsNotFoundButPointedOut) {
    for (const auto *key : {"[h]", "h:587", "[h]:25", "h:submission"}) {
        const auto missed = entry("[h]:587", std::string(key) + " u:p\n");
        EXPECT_EQ(missed.found, false) << key;
        EXPECT_EQ(missed.similar, key);
        EXPECT_THAT(missed.tried, ElementsAre("h", "[h]:587"));
    }
    EXPECT_EQ(entry("[h]:587", "other u:p\n").similar, std::nullopt);
}

TEST_F(CredentialsTest, BehindAnMxNothingIsSure) {
    const auto unknown = entry("example.org:587", "mx1.example.org u:p\n");
    EXPECT_EQ(unknown.found, std::nullopt);
    EXPECT_THAT(unknown.why, HasSubstr("DNS"));
    EXPECT_EQ(unknown.similar, std::nullopt);
    EXPECT_EQ(entry("example.org:587", "[example.org]:587 u:p\n").similar, "[example.org]:587");
    EXPECT_THAT(gather().problems, IsEmpty());
}

TEST_F(CredentialsTest, TheFormIsToldAndNothingElse) {
    EXPECT_EQ(entry("[h]:587", "h user password\n").well_formed, false);
    EXPECT_EQ(entry("[h]:587", "h user:\n").well_formed, false);
}

TEST_F(CredentialsTest, TablesThatCannotBeAskedAreNotKnown) {
    write("a", "h u:p\n");
    configuration_.parameters["smtp_sasl_password_maps"] =
        "hash:" + path("a") + " cdb:" + path("a") + " texthash:" + path("none");
    const auto credentials = gather();
    ASSERT_EQ(credentials.maps.size(), 3);
    for (const auto &[index, why] :
         {std::pair{0, "not built"}, {1, "not supported"}, {2, "missing"}}) {
        const auto &entry = credentials.maps.at(static_cast<std::size_t>(index)).entries.at(0);
        EXPECT_EQ(entry.found, std::nullopt);
        EXPECT_THAT(entry.why, HasSubstr(why));
    }
    EXPECT_THAT(credentials.problems, IsEmpty());  // findings tell
    EXPECT_EQ(has_credentials(credentials, "[smtp.example.org]:587"), std::nullopt);
}

TEST_F(CredentialsTest, AFailingLookupIsOneProblem) {
    write("a", "h u:p\n");
    configuration_.parameters["smtp_sasl_password_maps"] = "texthash:" + path("a");
    configuration_.parameters["relayhost"] = "[h]:587 [i]:587";
    replace_postmap("exit 9");
    const auto credentials = gather();
    EXPECT_EQ(credentials.problems.size(), 1);
    EXPECT_EQ(credentials.maps.at(0).entries.at(1).found, std::nullopt);
}

TEST_F(CredentialsTest, OneOfSeveralTablesIsEnough) {
    write("a", "x u:p\n");
    write("b", "smtp.example.org u:p\n");
    configuration_.parameters["smtp_sasl_password_maps"] =
        "texthash:" + path("a") + ", texthash:" + path("b");
    EXPECT_EQ(has_credentials(gather(), "[smtp.example.org]:587"), true);
    configuration_.parameters["smtp_sasl_password_maps"] = "texthash:" + path("a");
    EXPECT_EQ(has_credentials(gather(), "[smtp.example.org]:587"), false);
}

TEST_F(CredentialsTest, AMalformedListIsAProblemThatRepeatsNothing) {
    configuration_.parameters["smtp_sasl_password_maps"] = "inline:{h=u:secret";
    const auto credentials = gather();
    EXPECT_TRUE(credentials.malformed);
    ASSERT_EQ(credentials.problems.size(), 1);
    EXPECT_THAT(credentials.problems[0].error, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace mail_relay
