#include "agent_plugin/diagnose_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char *kParameter = "smtp_sasl_password_maps";

class DiagnoseTableTest : public testing::Test {
  protected:
    DiagnoseTableTest() {
        instance_.name = "postfix";
        instance_.config_directory = "/etc/postfix";
        configuration_.map_types = {"hash", "texthash", "lmdb"};
        configuration_.parameters = {{"default_database_type", "hash"}};
        distribution_.family = DistributionFamily::kDebian;
    }

    /// A table that is all right, named by the parameter.
    LookupTable table(const std::string &written) {
        configuration_.parameters[kParameter] = written;
        LookupTable table;
        table.table = parse_table_list(written).value().front();
        table.effective_type = table.table.type;
        table.supported = true;
        table.indexed = table.table.type != "texthash";
        table.source = TableFile{.path = table.table.name, .modified = 1000};
        if (table.indexed) {
            table.built = TableFile{.path = table.table.name + ".db", .modified = 2000};
            table.fresh = true;
        }
        return table;
    }

    Findings diagnose(const LookupTable &table) const {
        return diagnose_table(table, {kParameter, Area::kSasl, "all mail waits"}, instance_,
                              configuration_, distribution_);
    }

    /// The only finding.
    Finding found(const LookupTable &table) const {
        const Findings findings = diagnose(table);
        EXPECT_EQ(findings.size(), 1U);
        return findings.empty() ? Finding() : findings.front();
    }

    Instance instance_;
    Configuration configuration_;
    Distribution distribution_;
};

TEST_F(DiagnoseTableTest, NothingIsWrongWithAFreshTable) {
    EXPECT_THAT(diagnose(table("hash:/etc/postfix/sasl_passwd")), IsEmpty());
    EXPECT_THAT(diagnose(table("texthash:/etc/postfix/sasl_passwd")), IsEmpty());
}

TEST_F(DiagnoseTableTest, WhatIsNotKnownIsNoFinding) {
    LookupTable unknown = table("hash:/etc/postfix/sasl_passwd");
    unknown.supported.reset();
    unknown.fresh.reset();
    unknown.built.reset();
    EXPECT_THAT(diagnose(unknown), IsEmpty());
}

TEST_F(DiagnoseTableTest, AnIndexFileThatIsMissing) {
    LookupTable bare = table("hash:/etc/postfix/sasl_passwd");
    bare.built.reset();
    bare.built_missing = true;
    const Finding finding = found(bare);
    EXPECT_EQ(finding.id, "map_not_built");
    EXPECT_EQ(finding.area, Area::kSasl);
    EXPECT_EQ(finding.severity, Severity::kCrit);
    EXPECT_EQ(finding.summary, "hash:/etc/postfix/sasl_passwd is not built: all mail waits");
    EXPECT_THAT(finding.fix, ElementsAre("postmap hash:/etc/postfix/sasl_passwd", "postfix reload",
                                         "postqueue -f"));
    bare.built_on_demand = true;  // Postfix 3.11
    EXPECT_THAT(diagnose(bare), IsEmpty());
}

TEST_F(DiagnoseTableTest, WithoutASourceThereIsNothingToBuildFrom) {
    LookupTable gone = table("hash:/etc/postfix/sasl_passwd");
    gone.built.reset();
    gone.source.reset();
    gone.built_missing = true;
    gone.source_missing = true;
    const Finding finding = found(gone);
    EXPECT_EQ(finding.evidence, "neither it nor its source /etc/postfix/sasl_passwd exists");
    ASSERT_EQ(finding.fix.size(), 4U);
    EXPECT_THAT(finding.fix[0], HasSubstr("/etc/postfix/sasl_passwd"));
}

TEST_F(DiagnoseTableTest, ATextFileThatIsMissing) {
    LookupTable gone = table("texthash:/etc/postfix/sasl_passwd");
    gone.source.reset();
    gone.source_missing = true;
    const Finding finding = found(gone);
    EXPECT_EQ(finding.id, "map_not_built");
    EXPECT_EQ(finding.evidence, "/etc/postfix/sasl_passwd does not exist");
}

TEST_F(DiagnoseTableTest, ASourceThatIsNewer) {
    LookupTable old = table("hash:/etc/postfix/sasl_passwd");
    old.source->modified = 2500;
    old.fresh = false;
    const Finding finding = found(old);
    EXPECT_EQ(finding.id, "map_stale");
    EXPECT_EQ(finding.severity, Severity::kWarn);
    EXPECT_EQ(finding.evidence, "the source is 500 s newer");
    EXPECT_THAT(finding.fix, ElementsAre("postmap hash:/etc/postfix/sasl_passwd"));
}

TEST_F(DiagnoseTableTest, AMissingTypeThatAPackageBrings) {
    LookupTable bare = table("cdb:/etc/postfix/sasl_passwd");
    bare.supported = false;
    bare.built.reset();
    bare.built_missing = true;
    const Finding finding = found(bare);
    EXPECT_EQ(finding.id, "map_type_unsupported");
    EXPECT_EQ(finding.evidence, "cdb is not among hash, texthash, lmdb");
    ASSERT_EQ(finding.fix.size(), 3U);
    EXPECT_THAT(finding.fix[0], HasSubstr("postfix-cdb"));
    EXPECT_EQ(finding.fix[1], "postmap cdb:/etc/postfix/sasl_passwd");
}

TEST_F(DiagnoseTableTest, AMissingTypeThatNoPackageBringsIsReplaced) {
    configuration_.map_types = {"lmdb", "texthash"};  // Red Hat 9 has no Berkeley DB
    configuration_.parameters["default_database_type"] = "lmdb";
    LookupTable bare = table("hash:/etc/postfix/sasl_passwd");
    bare.supported = false;
    configuration_.parameters[kParameter] = "texthash:/other, hash:/etc/postfix/sasl_passwd";
    EXPECT_THAT(found(bare).fix,
                ElementsAre("postmap lmdb:/etc/postfix/sasl_passwd",
                            "postconf -e 'smtp_sasl_password_maps=texthash:/other, "
                            "lmdb:/etc/postfix/sasl_passwd'",
                            "postfix reload"));
}

TEST_F(DiagnoseTableTest, NoCommandRepeatsAPasswordThatStandsInTheParameter) {
    configuration_.map_types = {"lmdb", "inline"};
    LookupTable bare = table("hash:/etc/postfix/sasl_passwd");
    bare.supported = false;
    configuration_.parameters[kParameter] =
        "inline:{[a]=user:hunter2}, hash:/etc/postfix/sasl_passwd";
    const Finding finding = found(bare);
    for (const std::string &command : finding.fix) {
        EXPECT_EQ(command.find("hunter2"), std::string::npos) << command;
    }
    EXPECT_EQ(finding.summary.find("hunter2"), std::string::npos);
    EXPECT_EQ(finding.evidence.find("hunter2"), std::string::npos);
}

TEST_F(DiagnoseTableTest, ATableWithoutAType) {
    LookupTable bare = table("/etc/postfix/sasl_passwd");
    bare.supported = false;
    const Finding finding = found(bare);
    EXPECT_EQ(finding.id, "map_type_unsupported");
    EXPECT_THAT(finding.summary, HasSubstr("without a type"));
    ASSERT_EQ(finding.fix.size(), 3U);
    EXPECT_EQ(finding.fix[0], "postmap hash:/etc/postfix/sasl_passwd");
}

TEST_F(DiagnoseTableTest, PartsAreDiagnosedOneByOne) {
    LookupTable whole = table("unionmap:{hash:/a, hash:/b}");
    whole.indexed = false;
    whole.built.reset();
    whole.source.reset();
    LookupTable part = table("hash:/a");
    whole.parts.push_back(part);
    part = table("hash:/b");
    part.fresh = false;
    part.source->modified = 2001;
    whole.parts.push_back(part);
    EXPECT_THAT(found(whole).summary, HasSubstr("hash:/b is older"));
}

}  // namespace
}  // namespace mail_relay
