#include "common/file_tree.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class FileTreeTest : public testing::Test {
  protected:
    FileTreeTest() {
        std::array<char, 32> name{"/tmp/file_tree_XXXXXX"};
        root_ = ::mkdtemp(name.data());
        fs::create_directories(root_ / "etc");
        std::ofstream(root_ / "etc/hostname") << "mail\n";
    }
    ~FileTreeTest() override { fs::remove_all(root_); }

    fs::path root_;
};

TEST_F(FileTreeTest, ReadsAFileOfAMountedTree) {
    EXPECT_EQ(*FileTree(root_).read("/etc/hostname", 100), "mail\n");
}

TEST_F(FileTreeTest, AnAbsoluteLinkLeadsToAPlaceInsideTheTree) {
    fs::create_symlink("/etc/hostname", root_ / "etc/link");
    EXPECT_EQ(*FileTree(root_).read("/etc/link", 100), "mail\n");
}

TEST_F(FileTreeTest, ALinkCannotClimbOutOfTheTree) {
    fs::create_symlink("../../../../../etc/passwd", root_ / "etc/link");
    EXPECT_FALSE(FileTree(root_).read("/etc/link", 1000000));
}

TEST_F(FileTreeTest, DoesNotFollowALinkWhereOthersCanWrite) {
    fs::create_symlink("hostname", root_ / "etc/link");
    EXPECT_FALSE(FileTree(root_).read("/etc/link", 100, FollowLinks::kNo));
    EXPECT_FALSE(FileTree().read(root_ / "etc/link", 100, FollowLinks::kNo));
    EXPECT_TRUE(S_ISLNK(FileTree().status(root_ / "etc/link", FollowLinks::kNo)->st_mode));
}

TEST_F(FileTreeTest, AFileOverTheLimitIsAnErrorAndNotATruncation) {
    const auto content = FileTree(root_).read("/etc/hostname", 4);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().message(), "cannot read /etc/hostname: larger than 4 bytes");
}

TEST_F(FileTreeTest, AFifoDoesNotHang) {
    ASSERT_EQ(::mkfifo((root_ / "etc/fifo").c_str(), 0600), 0);
    const auto content = FileTree(root_).read("/etc/fifo", 100);
    ASSERT_FALSE(content);
    EXPECT_THAT(content.error().message(), HasSubstr("not a regular file"));
}

TEST_F(FileTreeTest, AMissingFileSaysWhatWasAttempted) {
    EXPECT_EQ(FileTree(root_).read("/etc/none", 100).error().message(),
              "cannot open /etc/none: No such file or directory");
}

TEST_F(FileTreeTest, ThatThereIsNoSuchFileIsAnAnswerOfFind) {
    std::ofstream(root_ / "etc/file") << "";
    for (const FileTree &files : {FileTree(root_), FileTree()}) {
        const std::string etc = files.is_this_host() ? (root_ / "etc").string() : "/etc";
        EXPECT_EQ(files.find(etc + "/hostname").value()->st_size, 5);
        EXPECT_FALSE(files.find(etc + "/none").value());
        EXPECT_FALSE(files.find(etc + "/file/below"));
        EXPECT_FALSE(files.status(etc + "/none"));
    }
}

TEST_F(FileTreeTest, ListsNamesInOrder) {
    std::ofstream(root_ / "etc/aliases") << "";
    EXPECT_THAT(*FileTree(root_).list("/etc"), ElementsAre("aliases", "hostname"));
    EXPECT_FALSE(FileTree(root_).list("/etc", 1));
    EXPECT_FALSE(FileTree(root_).list("/etc/hostname"));
}

}  // namespace
}  // namespace mail_relay
