#include "agent_plugin/tls_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent_plugin/map_folder.h"

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TlsPolicyTest, KeepsOnlyTheLevelOfAnEntry) {
    EXPECT_EQ(reduce_policy("Encrypt  protocols=>=TLSv1.2"), "encrypt protocols=>=TLSv1.2");
    EXPECT_EQ(reduce_policy("secure,match=nexthop tafile=/etc/ta.pem"),
              "secure match=nexthop tafile=/etc/ta.pem");
    EXPECT_EQ(reduce_policy(""), "");
}

TEST(TlsPolicyTest, ParentsAreOnlyAskedForBareDomains) {
    EXPECT_THAT(policy_keys(parse_relayhost("[a.example.org]:587").value()),
                ElementsAre("[a.example.org]:587"));
    EXPECT_THAT(policy_keys(parse_relayhost("a.example.org:587").value()),
                ElementsAre("a.example.org:587"));
    EXPECT_THAT(policy_keys(parse_relayhost("a.example.org").value()),
                ElementsAre("a.example.org", ".example.org", ".org"));
}

class GatherTlsPoliciesTest : public MapFolder {
  protected:
    TlsPolicies gather(const std::string &parameter, const std::string &table) {
        configuration_.parameters["smtp_tls_security_level"] = "may";
        configuration_.parameters[parameter] = table;
        const FileTree files;
        FactCache cache(files, instance_, state_directory(), kNow);
        TableLookup lookup(files, instance_, configuration_, cache, soon(), kNow);
        return gather_tls_policies(files, configuration_, lookup, kNow);
    }

    TlsPolicies gather_policy(const std::string &content) {
        write("policy", content);
        return gather("smtp_tls_policy_maps", "texthash:" + path("policy"));
    }
};

TEST_F(GatherTlsPoliciesTest, WithoutTablesTheGeneralLevelHolds) {
    const TlsPolicies policies = gather("smtp_tls_policy_maps", "");
    EXPECT_EQ(policies.parameter, "");
    ASSERT_EQ(policies.levels.size(), 1U);
    EXPECT_EQ(policies.levels[0].level, TlsLevel::kMay);
    EXPECT_EQ(policies.levels[0].policy_key, std::nullopt);
}

TEST_F(GatherTlsPoliciesTest, AnEntryDecides) {
    const auto level =
        gather_policy("[smtp.example.org]:587 secure tafile=/etc/ta.pem\n").levels.at(0);
    EXPECT_EQ(level.level, TlsLevel::kSecure);
    EXPECT_EQ(level.policy_key, "[smtp.example.org]:587");
    EXPECT_TRUE(level.own_trust);
    EXPECT_FALSE(level.malformed_policy);
}

TEST_F(GatherTlsPoliciesTest, AParentDomainDecidesForABareDomain) {
    configuration_.parameters["relayhost"] = "mx.example.org";
    EXPECT_EQ(gather_policy(".example.org verify\n").levels.at(0).policy_key, ".example.org");
}

TEST_F(GatherTlsPoliciesTest, AMalformedEntryIsNoLevel) {
    const auto level = gather_policy("[smtp.example.org]:587 encypt\n").levels.at(0);
    EXPECT_EQ(level.level, std::nullopt);
    EXPECT_TRUE(level.malformed_policy);
}

TEST_F(GatherTlsPoliciesTest, ATableThatCannotBeReadLeavesTheLevelUnknown) {
    const TlsPolicies policies = gather("smtp_tls_policy_maps", "hash:" + path("no_such_table"));
    EXPECT_EQ(policies.levels.at(0).level, std::nullopt);
    EXPECT_FALSE(policies.levels.at(0).malformed_policy);
}

TEST_F(GatherTlsPoliciesTest, UnmatchedBracesAreAProblem) {
    const TlsPolicies policies = gather("smtp_tls_policy_maps", "inline:{ {a = may }");
    EXPECT_EQ(policies.levels.at(0).level, std::nullopt);
    EXPECT_EQ(policies.problems.size(), 1U);
}

TEST_F(GatherTlsPoliciesTest, TheOldTableHasWordsOfItsOwn) {
    struct Case {
        const char *word;
        std::optional<TlsLevel> level;
    };
    for (const auto &[word, level] :
         {Case{"NONE", TlsLevel::kNone}, Case{"MAY", TlsLevel::kMay},
          Case{"MUST_NOPEERMATCH", TlsLevel::kEncrypt}, Case{"MUST", TlsLevel::kVerify},
          Case{"ENCRYPT", std::nullopt}}) {
        write("sites", std::string("smtp.example.org ") + word + "\n");
        const TlsPolicies policies = gather("smtp_tls_per_site", "texthash:" + path("sites"));
        EXPECT_EQ(policies.levels.at(0).level, level) << word;
        EXPECT_THAT(policies.problems, IsEmpty());
    }
}

}  // namespace
}  // namespace mail_relay
