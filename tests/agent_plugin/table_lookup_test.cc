#include "agent_plugin/table_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "map_folder.h"

namespace mail_relay {
namespace {

using testing::HasSubstr;
using testing::Not;

class TableLookupTest : public MapFolder {
  protected:
    using Answer = Result<std::optional<std::string>>;

    Answer ask(const std::string &value, const std::string &key, const FileTree &files = FileTree(),
               std::int64_t now = kNow) {
        FactCache cache(files, instance_, state_directory(), now);
        TableLookup lookup(files, instance_, configuration_, cache, soon(), now);
        const auto table =
            examine_table(files, parse_table_list(value).value().at(0), configuration_, now);
        auto answer = lookup.ask(table, key, "length", [](std::string_view entry) {
            return std::to_string(entry.size());
        });
        EXPECT_TRUE(cache.save());
        return answer;
    }

    std::string table(const std::string &type, const std::string &name = "map") const {
        return type + ":" + path(name);
    }
};

TEST_F(TableLookupTest, AsksTablesOfEveryBuiltType) {
    for (const std::string type : {"hash", "btree", "lmdb"}) {
        build(type, type, "[smtp.example.org]:587 user:secret\n");
        EXPECT_EQ(ask(table(type, type), "[SMTP.example.org]:587").value(), "11") << type;
        EXPECT_EQ(ask(table(type, type), "smtp.example.org").value(), std::nullopt) << type;
    }
}

TEST_F(TableLookupTest, AsksTextTablesAndThoseMadeOfOthers) {
    write("map", "[h]:587 user:secret\n");
    EXPECT_EQ(ask(table("texthash"), "[h]:587").value(), "11");
    EXPECT_EQ(ask("proxy:" + table("texthash"), "[h]:587").value(), "11");
    EXPECT_EQ(ask("unionmap:{" + table("texthash") + "}", "[h]:587").value(), "11");
    write("patterns", "/^.h.:587$/ user:secret\n");
    EXPECT_EQ(ask(table("regexp", "patterns"), "[h]:587").value(), "11");
    EXPECT_EQ(ask(table("regexp", "patterns"), "h").value(), std::nullopt);
}

TEST_F(TableLookupTest, AnUnchangedTableIsAskedOnce) {
    build("hash", "map", "a user:secret\n");
    ASSERT_EQ(ask(table("hash"), "a").value(), "11");
    ASSERT_EQ(ask(table("hash"), "b").value(), std::nullopt);
    const std::string answers = kept();
    std::filesystem::permissions(path("map.db"), std::filesystem::perms(0));  // changes its ctime
    std::filesystem::permissions(path("map.db"), std::filesystem::perms(0600));
    EXPECT_EQ(kept(), answers);

    replace_postmap("echo ask me again; exit 0");
    EXPECT_EQ(ask(table("hash"), "a").value(), "12");  // another postmap, another answer
}

TEST_F(TableLookupTest, AKeptAnswerNeedsNoChild) {
    write("map", "irrelevant");
    replace_postmap("echo x >> " + path("runs") + "; echo user:secret");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ask(table("texthash"), "a").value(), "11");
    }
    EXPECT_EQ(std::filesystem::file_size(path("runs")), 2);
    write("map", "changed");
    EXPECT_EQ(ask(table("texthash"), "a").value(), "11");
    EXPECT_EQ(std::filesystem::file_size(path("runs")), 4);
    write("main.cf", "relayhost=\n");
    EXPECT_EQ(ask(table("texthash"), "a").value(), "11");
    EXPECT_EQ(std::filesystem::file_size(path("runs")), 6);
}

TEST_F(TableLookupTest, ATableWithoutAFileIsAskedEveryFiveMinutes) {
    configuration_.map_types.emplace_back("ldap");
    replace_postmap("echo x >> " + path("runs") + "; exit 1");
    const std::int64_t start = kNow / 300 * 300;
    for (const std::int64_t later : {0, 299, 300}) {
        EXPECT_EQ(ask("ldap:relays", "a", FileTree(), start + later).value(), std::nullopt);
    }
    EXPECT_EQ(std::filesystem::file_size(path("runs")), 4);
}

TEST_F(TableLookupTest, TheSecretIsNeitherKeptNorRepeated) {
    build("hash", "map", "a user:secret\n");
    ASSERT_TRUE(ask(table("hash"), "a"));
    EXPECT_THAT(kept(), HasSubstr("length hash:"));
    EXPECT_THAT(kept(), Not(HasSubstr("secret")));

    replace_postmap("echo 'postmap: fatal: line 1: user:secret is odd' >&2; exit 1");
    const auto answer = ask(table("hash"), "a");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message(), Not(HasSubstr("secret")));
    EXPECT_THAT(answer.error().message(), HasSubstr("words that may hold an entry"));
}

TEST_F(TableLookupTest, EntriesInTheConfigurationNeverBecomeArguments) {
    replace_postmap("echo \"$@\" >> " + path("runs"));
    EXPECT_EQ(ask("inline:{h=user:secret}", "h").value(), "11");
    EXPECT_EQ(ask("inline:{h=user:secret}", "i").value(), std::nullopt);
    EXPECT_EQ(ask("static:user:secret", "i").value(), "11");
    for (const auto *value : {"randmap:{u:secret}", "unionmap:{hash:/a, inline:{h=u:secret}}",
                              "pcre:{{/./ u:secret}}"}) {
        const auto answer = ask(value, "h");
        ASSERT_FALSE(answer) << value;
        EXPECT_THAT(answer.error().message(), Not(HasSubstr("secret")));
    }
    EXPECT_FALSE(std::filesystem::exists(path("runs")));
    EXPECT_THAT(kept(), Not(HasSubstr("secret")));
}

TEST_F(TableLookupTest, WarningsAreNoFailure) {
    build("hash", "map", "a user:secret\n");
    const std::array<timespec, 2> long_ago{{{1000, 0}, {1000, 0}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path("map.db").c_str(), long_ago.data(), 0), 0);
    const std::array<timespec, 2> later{{{2000, 0}, {2000, 0}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path("map").c_str(), later.data(), 0), 0);
    EXPECT_EQ(ask(table("hash"), "b").value(),
              std::nullopt);  // postmap warns: older than its source
}

TEST_F(TableLookupTest, WhatPostmapFailsAtIsAnError) {
    struct Case {
        std::string value;
        const char *why;
    };
    write("map", "no database");
    write("map.db", "no database");
    for (const auto &[value, why] : {
             Case{table("hash"), "open database"},
             Case{table("hash", "none"), "No such file or directory"},
             Case{"nosuchtype:x", "unsupported dictionary type: nosuchtype"},
         }) {
        const auto answer = ask(value, "a");
        ASSERT_FALSE(answer) << value;
        EXPECT_THAT(answer.error().message(), HasSubstr(why));
        EXPECT_THAT(answer.error().message(), HasSubstr("cannot look up \"a\" in " + value));
    }
    replace_postmap("exit 3");
    EXPECT_FALSE(ask(table("hash"), "a"));
    configuration_.parameters["command_directory"] = "/nonexistent";
    EXPECT_FALSE(ask(table("hash"), "a"));
}

TEST_F(TableLookupTest, AHangingPostmapIsKilledAndItsTableLeftAlone) {
    replace_postmap("echo x >> " + path("runs") + "; sleep 60 & wait");
    FactCache cache(FileTree(), instance_, "", kNow);
    const FileTree files;
    TableLookup lookup(files, instance_, configuration_, cache,
                       Deadline::in(std::chrono::milliseconds(300)), kNow);
    const auto state = examine_table(files, parse_table_list(table("texthash")).value().at(0),
                                     configuration_, kNow);
    const auto start = std::chrono::steady_clock::now();
    for (const auto *key : {"a", "b", "c"}) {
        const auto answer = lookup.ask(state, key, "length", [](auto) { return ""; });
        ASSERT_FALSE(answer);
        EXPECT_THAT(answer.error().message(), HasSubstr("no end within its time"));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    EXPECT_EQ(std::filesystem::file_size(path("runs")), 2);
}

TEST_F(TableLookupTest, AMountedTreesTablesAreReadByThePostmapOfThisMachine) {
    build("hash", "map", "a user:secret\n");
    write("text", "a user:secret\n");
    std::filesystem::create_symlink("/etc/text", path("link"));  // leads to a place in the tree
    if (!std::filesystem::exists("/etc/postfix/main.cf")) {
        GTEST_SKIP() << "postmap needs a configuration of this machine";
    }
    const FileTree tree(folder_);
    EXPECT_EQ(ask("hash:/etc/map", "a", tree).value(), "11");
    EXPECT_EQ(ask("texthash:/etc/link", "a", tree).value(), "11");
    EXPECT_FALSE(ask("unionmap:{hash:/etc/map}", "a", tree));
    EXPECT_FALSE(ask("ldap:relays", "a", tree));
}

}  // namespace
}  // namespace mail_relay
