#include "agent_plugin/fact_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/agent_plugin/scratch_folder.h"

namespace mail_relay {
namespace {

constexpr std::int64_t kNow = 1795246145;
constexpr std::int64_t kMonth = std::int64_t{30} * 24 * 3600;

class FactCacheTest : public testing::Test {
  protected:
    FactCacheTest() { instance_.config_directory = "/etc/postfix"; }

    std::string state() const { return scratch_.path("state"); }

    FactCache open(std::int64_t now = kNow) const { return {FileTree(), instance_, state(), now}; }

    void keep(const std::string &question, const std::string &identity,
              const std::string &answer) const {
        FactCache cache = open();
        cache.keep(question, identity, answer);
        ASSERT_TRUE(cache.save());
    }

    std::filesystem::path file() const {
        return std::filesystem::directory_iterator(state())->path();
    }

    std::string content() const {
        std::ifstream stream(file());
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    ScratchFolder scratch_;
    Instance instance_;
};

TEST_F(FactCacheTest, NothingIsKeptAtFirst) {
    const FactCache cache = open();
    EXPECT_EQ(cache.find("question", "identity"), std::nullopt);
    EXPECT_EQ(cache.damage(), "");
}

TEST_F(FactCacheTest, AnAnswerHoldsForItsIdentityAlone) {
    keep("question", "identity", "answer\n\xC3\xA4");
    const FactCache cache = open(kNow + 60);
    EXPECT_EQ(cache.find("question", "identity"), "answer\n\xC3\xA4");
    EXPECT_EQ(cache.find("question", "other identity"), std::nullopt);
    EXPECT_EQ(cache.find("other question", "identity"), std::nullopt);
    EXPECT_EQ(cache.damage(), "");
}

TEST_F(FactCacheTest, OnlyWeCanReadIt) {
    keep("question", "identity", "answer");
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(FactCacheTest, WhatDidNotChangeIsNotWrittenAgain) {
    keep("question", "identity", "answer");
    std::filesystem::remove(file());
    FactCache cache = open();
    cache.find("question", "identity");
    ASSERT_TRUE(cache.save());
    EXPECT_TRUE(std::filesystem::is_empty(state()));
}

TEST_F(FactCacheTest, AnswersAreFoundOutAnewOnceAMonthAndAfterTheClockWasSetBack) {
    keep("question", "identity", "answer");
    EXPECT_TRUE(open(kNow + kMonth - 1).find("question", "identity"));
    EXPECT_FALSE(open(kNow + kMonth).find("question", "identity"));
    EXPECT_FALSE(open(kNow - 1).find("question", "identity"));
}

TEST_F(FactCacheTest, NoMoreThanAThousandAnswersAreKept) {
    FactCache cache = open();
    for (int i = 0; i < 1100; ++i) {
        cache.keep(std::to_string(i), "identity", "answer");
    }
    cache.keep("0", "identity", "newer answer");
    ASSERT_TRUE(cache.save());
    const FactCache again = open();
    EXPECT_EQ(again.find("0", "identity"), "newer answer");
    EXPECT_TRUE(again.find("999", "identity"));
    EXPECT_FALSE(again.find("1000", "identity"));
}

TEST_F(FactCacheTest, InstancesAndTreesHaveTheirOwn) {
    keep("question", "identity", "answer");
    Instance other;
    other.config_directory = "/etc/postfix-out";
    EXPECT_FALSE(FactCache(FileTree(), other, state(), kNow).find("question", "identity"));
    EXPECT_FALSE(FactCache(FileTree(scratch_.path()), instance_, state(), kNow)
                     .find("question", "identity"));
}

// Names of configuration directories that differ in odd characters alone lead to one file.
TEST_F(FactCacheTest, AFileOfAnotherOwnerCountsAsEmptyAndIsNoDamage) {
    instance_.config_directory = "/etc/a-b";
    keep("question", "identity", "answer");
    instance_.config_directory = "/etc/a_b";
    const FactCache cache = open();
    EXPECT_FALSE(cache.find("question", "identity"));
    EXPECT_EQ(cache.damage(), "");
}

TEST_F(FactCacheTest, DamageIsToldAndRepaired) {
    for (const std::string damaged :
         {std::string(), std::string("{}"), std::string("[1"), std::string("\xFF\0", 2),
          std::string(2'000'000, ' '),
          std::string(R"({"version":1,"owner":"/etc/postfix","facts":{"a":{"kept":"x"}}})")}) {
        keep("question", "identity", "answer");
        std::ofstream(file(), std::ios::binary) << damaged;
        FactCache cache = open();
        EXPECT_FALSE(cache.find("question", "identity"));
        EXPECT_NE(cache.damage().find(file()), std::string::npos) << damaged;
        ASSERT_TRUE(cache.save());
        EXPECT_EQ(open().damage(), "");
    }
}

TEST_F(FactCacheTest, AnotherVersionsFileIsNoDamage) {
    keep("question", "identity", "answer");
    std::string text = content();
    text.replace(text.find("\"version\":1"), 11, "\"version\":2");
    std::ofstream(file()) << text;
    const FactCache cache = open();
    EXPECT_FALSE(cache.find("question", "identity"));
    EXPECT_EQ(cache.damage(), "");
}

TEST_F(FactCacheTest, ALinkIsNotFollowed) {
    keep("question", "identity", "answer");
    const auto path = file();
    const auto elsewhere = scratch_.path("elsewhere");
    std::filesystem::rename(path, elsewhere);
    std::filesystem::create_symlink(elsewhere, path);
    FactCache cache = open();
    EXPECT_FALSE(cache.find("question", "identity"));
    EXPECT_NE(cache.damage(), "");
    ASSERT_TRUE(cache.save());
    EXPECT_FALSE(std::filesystem::is_symlink(path));
}

TEST_F(FactCacheTest, WithoutAStateDirectoryNothingIsKept) {
    FactCache cache(FileTree(), instance_, "", kNow);
    cache.keep("question", "identity", "answer");
    EXPECT_TRUE(cache.save());
    EXPECT_FALSE(cache.find("question", "identity"));
}

TEST_F(FactCacheTest, AStateDirectoryThatCannotBeIsAnError) {
    scratch_.write("state", "a file");
    FactCache cache = open();
    cache.keep("question", "identity", "answer");
    EXPECT_FALSE(cache.save());
}

TEST_F(FactCacheTest, IdentitiesAreThoseOfFiles) {
    scratch_.write("a", "1");
    const std::string before = identity_at(FileTree(), scratch_.path("a"));
    EXPECT_EQ(before, identity_at(FileTree(), scratch_.path("a")));
    scratch_.write("a", "22");
    EXPECT_NE(before, identity_at(FileTree(), scratch_.path("a")));
    EXPECT_EQ(identity_at(FileTree(), scratch_.path("b")), "-");
    EXPECT_EQ(identity_text({1, 2, 3, 4, 5}), "1:2:3:4:5");
}

}  // namespace
}  // namespace mail_relay
