#include "agent_plugin/lookup_table.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1795246145;

class LookupTableTest : public testing::Test {
  protected:
    LookupTableTest() {
        std::array<char, 32> name{"/tmp/lookup_table_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        fs::create_directories(root_ / "etc/postfix");
        std::ofstream(root_ / "etc/passwd") << "postfix:x:109:117::/:/\n";
        configuration_.map_types = {"btree", "hash", "lmdb", "proxy", "texthash", "unionmap"};
        configuration_.parameters["queue_directory"] = "/var/spool/postfix";
    }
    ~LookupTableTest() override { fs::remove_all(root_); }

    void write(const std::string &path, std::int64_t modified, mode_t mode = 0600) {
        const auto file = root_ / path.substr(1);
        fs::create_directories(file.parent_path());
        std::ofstream(file) << "content";
        fs::permissions(file, static_cast<fs::perms>(mode));
        const std::array<timespec, 2> times{{{modified, 0}, {modified, 0}}};
        ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0), 0);
    }

    LookupTable examine(std::string_view value) const {
        return examine_table(FileTree(root_), parse_table_list(value).value().at(0), configuration_,
                             kNow);
    }

    fs::path root_;
    Configuration configuration_;
};

TEST_F(LookupTableTest, AnIndexedTableHasASourceAndABuiltFile) {
    write("/etc/postfix/sasl_passwd", kNow - 5000);
    write("/etc/postfix/sasl_passwd.db", kNow - 4000, 0640);
    const auto table = examine("hash:/etc/postfix/sasl_passwd");
    EXPECT_EQ(table.supported, true);
    EXPECT_TRUE(table.indexed);
    EXPECT_EQ(table.source->path, "/etc/postfix/sasl_passwd");
    EXPECT_EQ(table.source->mode, 0600);
    EXPECT_EQ(table.source->owner, "root");
    EXPECT_EQ(table.source->modified, kNow - 5000);
    EXPECT_EQ(table.built->path, "/etc/postfix/sasl_passwd.db");
    EXPECT_EQ(table.built->mode, 0640);
    EXPECT_EQ(table.fresh, true);
    EXPECT_THAT(table.problems, IsEmpty());
}

TEST_F(LookupTableTest, TheOwnerIsNamedByTheHostsOwnPasswd) {
    write("/etc/a", kNow);
    ASSERT_EQ(::chown((root_ / "etc/a").c_str(), 109, 117), 0);
    EXPECT_EQ(examine("texthash:/etc/a").source->owner, "postfix");
}

TEST_F(LookupTableTest, FreshnessFollowsThe100SecondRule) {
    struct Case {
        const char *name;
        std::int64_t source;
        std::int64_t built;
        bool fresh;
    };
    for (const auto &[name, source, built, fresh] : {
             Case{"built after the source", -500, -400, true},
             Case{"same second", -500, -500, true},
             Case{"source newer and older than 100 s", -101, -102, false},
             Case{"source newer by a day", -200, -86400, false},
             Case{"source changed just now", -10, -86400, true},
             Case{"source changed exactly 100 s ago", -100, -86400, true},
             Case{"source from the future", 500, -10, true},
         }) {
        write("/etc/a", kNow + source);
        write("/etc/a.lmdb", kNow + built);
        EXPECT_EQ(examine("lmdb:/etc/a").fresh, fresh) << name;
    }
}

TEST_F(LookupTableTest, EachTypeReadsItsOwnFile) {
    struct Case {
        const char *table;
        const char *built;
    };
    for (const auto &[table, built] :
         {Case{"hash:/etc/a", "/etc/a.db"}, Case{"btree:/etc/a", "/etc/a.db"},
          Case{"lmdb:/etc/a", "/etc/a.lmdb"}, Case{"cdb:/etc/a", "/etc/a.cdb"},
          Case{"dbm:/etc/a", "/etc/a.pag"}, Case{"sdbm:/etc/a", "/etc/a.pag"}}) {
        EXPECT_TRUE(examine(table).built_missing) << table;
        write(built, kNow);
        EXPECT_EQ(examine(table).built->path, built);
        fs::remove(root_ / (built + 1));
    }
}

TEST_F(LookupTableTest, ABuiltFileAloneIsEnoughAndItsFreshnessUnknown) {
    write("/etc/a.db", kNow);
    const auto table = examine("hash:/etc/a");
    EXPECT_TRUE(table.source_missing);
    EXPECT_FALSE(table.built_missing);
    EXPECT_EQ(table.fresh, std::nullopt);
    EXPECT_THAT(table.problems, IsEmpty());
}

TEST_F(LookupTableTest, TextTablesAreNotBuilt) {
    for (const auto *type : {"texthash", "regexp", "pcre", "cidr"}) {
        write("/etc/a", kNow);
        const auto table = examine(std::string(type) + ":/etc/a");
        EXPECT_TRUE(table.source) << type;
        EXPECT_FALSE(table.indexed);
        EXPECT_FALSE(table.built_missing);
        EXPECT_EQ(table.fresh, std::nullopt);
    }
}

TEST_F(LookupTableTest, AClientsConfigurationIsItsSource) {
    write("/etc/ldap.cf", kNow);
    EXPECT_TRUE(examine("ldap:/etc/ldap.cf").source);
    EXPECT_TRUE(examine("mysql:/etc/none.cf").source_missing);
    EXPECT_FALSE(examine("ldap:accounts").source_missing);  // parameters of main.cf
}

TEST_F(LookupTableTest, TypesWithoutFilesHaveNone) {
    for (const auto *value : {"static:a", "inline:{a=b}", "tcp:127.0.0.1:99", "environ:x", "fail:x",
                              "socketmap:unix:/x:y", "nis:mail", "pcre:{{/a/ b}}"}) {
        const auto table = examine(value);
        EXPECT_FALSE(table.source || table.built || table.source_missing || table.built_missing)
            << value;
    }
}

TEST_F(LookupTableTest, SupportComesFromTheTypesPostfixNames) {
    EXPECT_EQ(examine("hash:/a").supported, true);
    EXPECT_EQ(examine("proxy:hash:/a").supported, true);
    EXPECT_EQ(examine("cdb:/a").supported, false);
    EXPECT_EQ(examine("proxy:cdb:/a").supported, false);
    EXPECT_EQ(examine("/a").supported, false);  // daemons want a type
    EXPECT_EQ(examine("unionmap:{hash:/a, cdb:/b}").supported, false);
    EXPECT_EQ(examine("unionmap:{hash:/a, lmdb:/b}").supported, true);
    configuration_.map_types.clear();
    EXPECT_EQ(examine("hash:/a").supported, std::nullopt);
    EXPECT_EQ(examine("unionmap:{hash:/a}").supported, std::nullopt);
}

TEST_F(LookupTableTest, PartsAreExaminedToo) {
    write("/etc/a.db", kNow);
    const auto table = examine("unionmap:{hash:/etc/a, lmdb:/etc/b}");
    const auto all = flatten(table);
    ASSERT_EQ(all.size(), 3);
    EXPECT_EQ(all[0], &table);
    EXPECT_TRUE(all[1]->built);
    EXPECT_TRUE(all[2]->built_missing);
}

TEST_F(LookupTableTest, Postfix311RedirectsBerkeleyTypes) {
    configuration_.map_types = {"hash", "btree", "lmdb", "cdb"};
    configuration_.parameters["default_database_type"] = "lmdb";
    configuration_.parameters["default_cache_db_type"] = "cdb";
    configuration_.parameters["non_bdb_migration_level"] = "enable-redirect";
    write("/etc/a.lmdb", kNow);
    EXPECT_EQ(examine("hash:/etc/a").effective_type, "lmdb");
    EXPECT_EQ(examine("hash:/etc/a").built->path, "/etc/a.lmdb");
    EXPECT_EQ(examine("btree:/etc/a").effective_type, "cdb");
    EXPECT_FALSE(examine("btree:/etc/a").built_on_demand);
    configuration_.parameters["non_bdb_migration_level"] = "enable-reindex";
    EXPECT_TRUE(examine("btree:/etc/a").built_on_demand);
    configuration_.parameters["non_bdb_migration_level"] = "disable";
    EXPECT_TRUE(examine("hash:/etc/a").built_missing);
}

TEST_F(LookupTableTest, ARelativeNameIsInTheQueueDirectory) {
    write("/var/spool/postfix/maps/a", kNow);
    EXPECT_EQ(examine("texthash:maps/a").source->path, "/var/spool/postfix/maps/a");
}

TEST_F(LookupTableTest, AFileThatCannotBeExaminedIsAProblemAndNotMissing) {
    write("/etc/file", kNow);
    const auto table = examine("hash:/etc/file/below");
    EXPECT_FALSE(table.source_missing || table.built_missing);
    ASSERT_EQ(table.problems.size(), 2);
    EXPECT_THAT(table.problems[0].error, HasSubstr("Not a directory"));
}

TEST_F(LookupTableTest, AFolderOrAPipeIsAProblemAndNoFile) {
    fs::create_directories(root_ / "etc/postfix/folder");
    ASSERT_EQ(::mkfifo((root_ / "etc/postfix/pipe").c_str(), 0644), 0);
    for (const auto *name : {"texthash:/etc/postfix/folder", "texthash:/etc/postfix/pipe"}) {
        const auto table = examine(name);
        EXPECT_FALSE(table.source) << "its mode would be repaired";
        EXPECT_FALSE(table.source_missing);
        EXPECT_THAT(find_obstacle(table), HasSubstr("is not a regular file"));
    }
}

TEST_F(LookupTableTest, ADanglingLinkIsAMissingFile) {
    fs::create_symlink("/nowhere", root_ / "etc/a.db");
    EXPECT_TRUE(examine("hash:/etc/a").built_missing);
}

}  // namespace
}  // namespace mail_relay
