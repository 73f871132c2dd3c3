#include "common/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string content_of(const fs::path &path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

std::size_t entries_in(const fs::path &directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

class AtomicFileTest : public testing::Test {
  protected:
    AtomicFileTest() {
        std::array<char, 32> name{"/tmp/atomic_file_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
    }
    ~AtomicFileTest() override { fs::remove_all(folder_); }

    fs::path folder_;
};

TEST_F(AtomicFileTest, WritesAPrivateFile) {
    ASSERT_TRUE(write_file_atomically(folder_ / "state", "one"));
    EXPECT_EQ(content_of(folder_ / "state"), "one");
    EXPECT_EQ(fs::status(folder_ / "state").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFileTest, ReplacesTheContentAndLeavesNothingElse) {
    ASSERT_TRUE(write_file_atomically(folder_ / "state", "one"));
    ASSERT_TRUE(write_file_atomically(folder_ / "state", ""));
    EXPECT_EQ(content_of(folder_ / "state"), "");
    EXPECT_EQ(entries_in(folder_), 1U);
}

TEST_F(AtomicFileTest, ReplacesALinkInsteadOfWritingThroughIt) {
    std::ofstream(folder_ / "other") << "kept";
    fs::create_symlink(folder_ / "other", folder_ / "state");
    ASSERT_TRUE(write_file_atomically(folder_ / "state", "new"));
    EXPECT_EQ(content_of(folder_ / "other"), "kept");
    EXPECT_FALSE(fs::is_symlink(folder_ / "state"));
}

TEST_F(AtomicFileTest, AFullDiskKeepsTheOldContentAndLeavesNothing) {
    ASSERT_TRUE(write_file_atomically(folder_ / "state", "old"));
    struct rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small { 10, before.rlim_max };
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written = write_file_atomically(folder_ / "state", std::string(100, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ASSERT_NE(std::signal(SIGXFSZ, handler), SIG_ERR);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message(), HasSubstr("cannot write"));
    EXPECT_EQ(content_of(folder_ / "state"), "old");
    EXPECT_EQ(entries_in(folder_), 1U);
}

TEST_F(AtomicFileTest, AMissingFolderIsAnError) {
    const auto written = write_file_atomically(folder_ / "none/state", "x");
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message(), HasSubstr("No such file or directory"));
}

TEST_F(AtomicFileTest, MakesPrivateFoldersWithTheirParents) {
    ASSERT_TRUE(make_private_directory(folder_ / "a/b"));
    EXPECT_EQ(fs::status(folder_ / "a").permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(folder_ / "a/b").permissions(), fs::perms::owner_all);
    EXPECT_TRUE(make_private_directory(folder_ / "a/b"));
}

TEST_F(AtomicFileTest, AFolderThatOthersCanWriteIsRefused) {
    fs::create_directory(folder_ / "open");
    fs::permissions(folder_ / "open", fs::perms::all);
    const auto made = make_private_directory(folder_ / "open");
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message(), HasSubstr("others can write to it (mode 0777)"));
}

TEST_F(AtomicFileTest, ALinkOrAFileIsNoFolder) {
    fs::create_directory(folder_ / "real");
    fs::create_directory_symlink(folder_ / "real", folder_ / "link");
    std::ofstream(folder_ / "file") << "";
    EXPECT_FALSE(make_private_directory(folder_ / "link"));
    EXPECT_FALSE(make_private_directory(folder_ / "file"));
    EXPECT_FALSE(make_private_directory(folder_ / "file/below"));
}

TEST_F(AtomicFileTest, AFolderOfSomebodyElseIsRefused) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to give a folder away";
    }
    fs::create_directory(folder_ / "theirs");
    ASSERT_EQ(::chown((folder_ / "theirs").c_str(), 65534, 65534), 0);
    const auto made = make_private_directory(folder_ / "theirs");
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message(), HasSubstr("owned by user 65534"));
}

}  // namespace
}  // namespace mail_relay
