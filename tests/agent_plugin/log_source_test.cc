#include "agent_plugin/log_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using enum LogSource::Kind;

constexpr std::int64_t kStarted = 1795240000;

class LogSourceTest : public testing::Test {
  protected:
    LogSourceTest() {
        std::array<char, 32> name{"/tmp/log_source_XXXXXX"};
        root_ = ::mkdtemp(name.data());
    }
    ~LogSourceTest() override { fs::remove_all(root_); }

    void write(const std::string &path, std::int64_t modified) const {
        const auto file = root_ / path.substr(1);
        fs::create_directories(file.parent_path());
        std::ofstream(file) << "log\n";
        const std::array<timespec, 2> times{{{modified, 0}, {modified, 0}}};
        ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0), 0);
    }

    LogSource find(std::optional<std::int64_t> started = kStarted) const {
        return find_log_source(FileTree(root_), configuration_, started);
    }

    fs::path root_;
    Configuration configuration_;
};

TEST_F(LogSourceTest, PostfixsOwnFileComesFirst) {
    write("/var/log/mail.log", kStarted + 1);
    configuration_.parameters["maillog_file"] = "/var/log/postfix.log";
    EXPECT_EQ(find().kind, kFile);
    EXPECT_EQ(find().path, "/var/log/postfix.log");
    configuration_.parameters["maillog_file"] = "/dev/stdout";
    EXPECT_EQ(find().kind, kNone);
}

TEST_F(LogSourceTest, ThenTheMailLogOfSyslog) {
    write("/var/log/maillog", kStarted + 1);
    fs::create_directories(root_ / "var/log/journal");
    EXPECT_EQ(find().path, "/var/log/maillog");
    write("/var/log/mail.log", kStarted + 1);
    EXPECT_EQ(find().path, "/var/log/mail.log");
}

TEST_F(LogSourceTest, ALeftoverIsNotTheSource) {
    write("/var/log/mail.log", kStarted - 1);
    EXPECT_EQ(find().kind, kNone);
    EXPECT_EQ(find(std::nullopt).kind, kFile) << "a stopped Postfix writes nothing";
    fs::create_directories(root_ / "run/log/journal");
    EXPECT_EQ(find().kind, kJournal);
    EXPECT_EQ(find().path, "");
}

TEST_F(LogSourceTest, AFolderIsNoLog) {
    fs::create_directories(root_ / "var/log/mail");
    EXPECT_EQ(find().kind, kNone);
}

TEST_F(LogSourceTest, HasTheNamesOfTheSections) {
    EXPECT_EQ(log_source_name(kFile), "file");
    EXPECT_EQ(log_source_name(kJournal), "journal");
    EXPECT_EQ(log_source_name(kNone), "none");
}

}  // namespace
}  // namespace mail_relay
