#include "agent_plugin/gather_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "settled_file.h"

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// An instance of the installed Postfix, whose postconf counts how often it runs.
class GatherConfigurationTest : public testing::Test {
  public:
    GatherConfigurationTest() {
        std::array<char, 40> name{"/tmp/gather_configuration_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        fs::create_directories(folder_ / "etc/postfix");
        write("etc/postfix/main.cf",
              "compatibility_level = 3.6\n"
              "relayhost = [smtp.example.org]:587\n"
              "smtp_sasl_password_maps = hash:$config_directory/sasl_passwd\n"
              "queue_directory = /var/spool/own\n"
              "db_password = secret\n");
        write("etc/postfix/master.cf",
              "smtp inet n - y - - smtpd\n"
              "smtp unix - - y - - smtp\n"
              "  -o smtp_tls_security_level=encrypt\n");
        write("etc/postfix/dynamicmaps.cf", "");
        make_postconf("exec /usr/sbin/postconf \"$@\"");
    }
    ~GatherConfigurationTest() override { fs::remove_all(folder_); }

    void write(const std::string &path, const std::string &content) const {
        write_settled(folder_ / path, content);
    }

    void make_postconf(const std::string &command) const {
        write("postconf",
              "#!/bin/sh\necho run >>" + (folder_ / "runs").string() + "\n" + command + "\n");
        fs::permissions(folder_ / "postconf", fs::perms::owner_all);
    }

    /// How often postconf ran since the last time this was asked.
    std::size_t runs() const {
        std::size_t count = 0;
        std::ifstream file(folder_ / "runs");
        for (std::string line; std::getline(file, line);) {
            ++count;
        }
        fs::remove(folder_ / "runs");
        return count;
    }

    ConfigurationReading gather(milliseconds span = seconds(30)) const {
        const FileTree files;
        return gather_configuration({files, folder_ / "postconf", folder_ / "state"},
                                    folder_ / "etc/postfix", Deadline::in(span), now_);
    }

    fs::path cache() const { return fs::directory_iterator(folder_ / "state")->path(); }

    fs::path folder_;
    std::int64_t now_ = std::time(nullptr) + 10;  // the files count as old enough
};

TEST_F(GatherConfigurationTest, ResolvesWhatPostfixResolves) {
    const auto reading = gather();
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_THAT(reading.problems, IsEmpty());
    EXPECT_EQ(reading.rejection, "");
    EXPECT_EQ(reading.read_at, now_);
    const Configuration &configuration = reading.configuration;
    EXPECT_EQ(configuration.get("relayhost"), "[smtp.example.org]:587");
    EXPECT_EQ(configuration.get("smtp_sasl_password_maps"),
              "hash:" + (folder_ / "etc/postfix/sasl_passwd").string());
    EXPECT_EQ(configuration.get("data_directory"), "/var/lib/postfix");
    EXPECT_EQ(configuration.get("mynetworks"), "") << "depends on more than files";
    EXPECT_GE(configuration.version(), std::pair(3, 4));
    EXPECT_THAT(configuration.set_in_main_cf, Contains("relayhost"));
    EXPECT_THAT(configuration.map_types, Contains("hash"));
    EXPECT_THAT(configuration.client_sasl_types, ElementsAre("cyrus"));
    EXPECT_THAT(configuration.services, SizeIs(2));
    ASSERT_NE(configuration.delivery_service(), nullptr);
    EXPECT_TRUE(configuration.delivery_service()->chroot);
    EXPECT_EQ(configuration.smtp_client("smtp_tls_security_level"), "encrypt");
    EXPECT_EQ(configuration.get("smtp_tls_security_level"), "");
}

TEST_F(GatherConfigurationTest, KeepsNoValueItDoesNotLookAt) {
    const auto reading = gather();
    EXPECT_EQ(reading.configuration.get("db_password"), "");
    EXPECT_THAT(reading.configuration.warnings,
                Contains(HasSubstr("unused parameter: db_password")));
    std::ifstream file(cache());
    const std::string kept((std::istreambuf_iterator<char>(file)), {});
    EXPECT_THAT(kept, HasSubstr("smtp.example.org"));
    EXPECT_THAT(kept, Not(HasSubstr("secret")));
}

TEST_F(GatherConfigurationTest, AnUnchangedHostNeedsNoChildProcess) {
    const auto first = gather();
    EXPECT_EQ(runs(), 6U);
    now_ += 60;
    const auto second = gather();
    EXPECT_EQ(runs(), 0U);
    EXPECT_EQ(second.configuration.parameters, first.configuration.parameters);
    EXPECT_EQ(second.configuration.services.size(), 2U);
    EXPECT_EQ(second.read_at, now_ - 60);
    EXPECT_TRUE(second.is_resolved);
}

TEST_F(GatherConfigurationTest, AChangeOfAnyWatchedFileAsksAnew) {
    struct Change {
        const char *name;
        void (*apply)(const GatherConfigurationTest &);
    };
    const std::array<Change, 6> changes{{
        {"main.cf", [](const auto &t) { t.write("etc/postfix/main.cf", "relayhost = [b]\n"); }},
        {"master.cf", [](const auto &t) { t.write("etc/postfix/master.cf", ""); }},
        {"dynamicmaps.cf", [](const auto &t) { t.write("etc/postfix/dynamicmaps.cf", "#\n"); }},
        {"a new folder",
         [](const auto &t) { fs::create_directory(t.folder_ / "etc/postfix/dynamicmaps.cf.d"); }},
        {"a new file", [](const auto &t) { t.write("etc/postfix/dynamicmaps.cf.d/x.cf", ""); }},
        {"postconf", [](const auto &t) { t.make_postconf("exec /usr/sbin/postconf  \"$@\""); }},
    }};
    gather();
    for (const auto &change : changes) {
        change.apply(*this);
        runs();
        gather();
        EXPECT_EQ(runs(), 6U) << change.name;
        gather();
        EXPECT_EQ(runs(), 0U) << change.name;
    }
}

TEST_F(GatherConfigurationTest, AnAnswerOfFilesThatJustChangedIsNotKept) {
    now_ = std::time(nullptr);
    gather();
    EXPECT_EQ(runs(), 6U);
    gather();
    EXPECT_EQ(runs(), 6U);
}

TEST_F(GatherConfigurationTest, ADamagedCacheIsAProblemAndReadAnew) {
    gather();
    std::ofstream(cache()) << "{\"format\":1,";
    runs();
    const auto reading = gather();
    EXPECT_EQ(runs(), 6U);
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_THAT(reading.problems, ElementsAre(Field(&Problem::what, "configuration_cache")));
    EXPECT_THAT(gather().problems, IsEmpty());
}

TEST_F(GatherConfigurationTest, ACacheThatCannotBeWrittenIsAProblem) {
    std::ofstream(folder_ / "state") << "a file";
    const auto reading = gather();
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::what, "configuration_cache")));
}

TEST_F(GatherConfigurationTest, ALinkInPlaceOfTheCacheIsNotFollowed) {
    gather();
    const auto path = cache();
    fs::rename(path, folder_ / "elsewhere");
    fs::create_symlink(folder_ / "elsewhere", path);
    const auto reading = gather();
    EXPECT_THAT(reading.problems, ElementsAre(Field(&Problem::what, "configuration_cache")));
    EXPECT_FALSE(fs::is_symlink(path));
}

TEST_F(GatherConfigurationTest, WhatIsRejectedOnlyWhenPostfixStartsIsARejectionOfThisAnswer) {
    gather();
    for (const auto *line : {"message_size_limit = 10M\n", "myorigin = /etc/no_such_file\n"}) {
        write("etc/postfix/main.cf", std::string("relayhost = [new]\n") + line);
        const auto reading = gather();
        EXPECT_NE(reading.rejection, "") << line;
        EXPECT_TRUE(reading.is_resolved);
        EXPECT_EQ(reading.configuration.get("relayhost"), "[new]");
    }
}

TEST_F(GatherConfigurationTest, ARejectedMainCfKeepsTheEarlierAnswer) {
    gather();
    write("etc/postfix/main.cf", "relayhost = [new]\nsecret\n");
    const auto reading = gather();
    EXPECT_THAT(reading.rejection, HasSubstr("main.cf, line 2: missing '='"));
    EXPECT_THAT(reading.rejection, Not(HasSubstr("secret")));
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_EQ(reading.configuration.get("relayhost"), "[smtp.example.org]:587");
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::error, HasSubstr("answered last"))));
}

TEST_F(GatherConfigurationTest, ARejectedMainCfWithoutEarlierAnswerIsReadAsWritten) {
    write("etc/postfix/main.cf",
          "queue_directory = /var/spool/own\ndata_directory = $queue_directory/d\n"
          "maximal_queue_lifetime = 2d\ndb_password = secret\nx\n");
    const auto reading = gather();
    EXPECT_THAT(reading.rejection, HasSubstr("missing '='"));
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_EQ(reading.read_at, 0);
    EXPECT_EQ(reading.configuration.get("queue_directory"), "/var/spool/own");
    EXPECT_EQ(reading.configuration.get("data_directory"), "/var/lib/postfix");
    EXPECT_EQ(reading.configuration.get("maximal_queue_lifetime"), "2d");
    EXPECT_EQ(reading.configuration.get("db_password"), "");
    EXPECT_FALSE(fs::exists(folder_ / "state"));
}

TEST_F(GatherConfigurationTest, ARejectedMasterCfIsARejection) {
    write("etc/postfix/master.cf", "smtp unix\n");
    const auto reading = gather();
    EXPECT_THAT(reading.rejection, HasSubstr("bad field count"));
    EXPECT_EQ(reading.configuration.get("relayhost"), "[smtp.example.org]:587");
}

TEST_F(GatherConfigurationTest, AnUnreadableMainCfIsNotARejection) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become nobody";
    }
    make_postconf(
        "echo 'postconf: fatal: open /etc/postfix/main.cf: Permission denied' >&2; exit 1");
    const auto reading = gather();
    EXPECT_EQ(reading.rejection, "");
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::error, HasSubstr("Permission denied"))));
}

TEST_F(GatherConfigurationTest, WithoutMainCfItsDirectoriesAreNotGuessed) {
    fs::remove(folder_ / "etc/postfix/main.cf");
    make_postconf("echo 'postconf: fatal: open main.cf: No such file or directory' >&2; exit 1");
    const auto reading = gather();
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_EQ(reading.configuration.get("queue_directory"), "");
    EXPECT_TRUE(reading.configuration.parameters.contains("queue_directory"));
    EXPECT_EQ(reading.configuration.get("data_directory"), "");
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::error, HasSubstr("No such file"))));
}

TEST_F(GatherConfigurationTest, AHangingPostconfIsAskedOnce) {
    make_postconf("sleep 600");
    const auto reading = gather(milliseconds(300));
    EXPECT_EQ(runs(), 1U);
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_EQ(reading.rejection, "");
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::error, HasSubstr("within its time"))));
    EXPECT_EQ(reading.configuration.get("queue_directory"), "/var/spool/own");
}

TEST_F(GatherConfigurationTest, AMissingPostconfIsAProblem) {
    fs::remove(folder_ / "postconf");
    const auto reading = gather();
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_THAT(reading.problems, ElementsAre(Field(&Problem::what, "parameters")));
    EXPECT_EQ(reading.configuration.get("queue_directory"), "/var/spool/own");
}

TEST_F(GatherConfigurationTest, AProgramThatOthersCanChangeIsNotRun) {
    fs::permissions(folder_ / "postconf", fs::perms::all);
    const auto reading = gather();
    EXPECT_EQ(runs(), 0U);
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_THAT(reading.problems, Contains(Field(&Problem::error, HasSubstr("can write to it"))));
}

TEST_F(GatherConfigurationTest, OneFactThatFailsLeavesTheOthers) {
    make_postconf("[ $3 = -A ] && exit 64; exec /usr/sbin/postconf \"$@\"");
    const auto reading = gather();
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_EQ(reading.rejection, "");
    EXPECT_THAT(reading.problems, ElementsAre(Field(&Problem::what, "client_sasl_types")));
    EXPECT_THAT(reading.configuration.map_types, Not(IsEmpty()));
}

TEST_F(GatherConfigurationTest, AMountedTreeIsReadWithPathsOfItsOwn) {
    const FileTree files(folder_);
    const ConfigurationAccess access{files, folder_ / "postconf", folder_ / "state"};
    const auto reading =
        gather_configuration(access, "/etc/postfix", Deadline::in(seconds(30)), now_);
    EXPECT_TRUE(reading.is_resolved);
    EXPECT_EQ(reading.configuration.get("config_directory"), "/etc/postfix");
    EXPECT_EQ(reading.configuration.get("smtp_sasl_password_maps"),
              "hash:/etc/postfix/sasl_passwd");
    EXPECT_EQ(reading.configuration.version(), std::nullopt);
    EXPECT_THAT(reading.configuration.map_types, IsEmpty());
    EXPECT_THAT(reading.problems, ElementsAre(Field(&Problem::what, "parameters")));
    EXPECT_FALSE(fs::exists(folder_ / "state"));
}

TEST_F(GatherConfigurationTest, ALinkOutOfAMountedTreeIsNotGivenToPostconf) {
    write("outside.cf", "relayhost = [forged]\n");
    fs::remove(folder_ / "etc/postfix/main.cf");
    fs::create_symlink(folder_ / "outside.cf", folder_ / "etc/postfix/main.cf");
    const FileTree files(folder_);
    const ConfigurationAccess access{files, folder_ / "postconf", ""};
    const auto reading =
        gather_configuration(access, "/etc/postfix", Deadline::in(seconds(30)), now_);
    EXPECT_EQ(runs(), 0U);
    EXPECT_FALSE(reading.is_resolved);
    EXPECT_EQ(reading.configuration.get("relayhost"), "");
}

}  // namespace
}  // namespace mail_relay
