#include "agent_plugin/queue_walk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/agent_plugin/queue_tree.h"
#include "tests/common/refused_call.h"

namespace mail_relay {
namespace {

using testing::HasSubstr;

class QueueWalkTest : public testing::Test {
  protected:
    std::optional<WalkFailure> walk(const std::string &queue) {
        const UniqueFd root(::open(tree_.spool().c_str(), O_RDONLY | O_DIRECTORY));
        names_ = {};
        return walk_queue_names(root.get(), queue, Deadline::in(std::chrono::seconds(5)), names_);
    }

    QueueTree tree_;
    QueueNames names_;
};

TEST_F(QueueWalkTest, CountsMessagesInHashedFoldersAndBesideThem) {
    tree_.add("deferred/A/ABCDE1", {});
    tree_.add("deferred/A/B/ABCDE2", {});
    tree_.add("deferred/0/01234A", {});
    tree_.add("deferred/FFFFF1", {});
    EXPECT_FALSE(walk("deferred"));
    EXPECT_EQ(names_.messages, 4U);
    EXPECT_EQ(names_.folders.size(), 4U);
    EXPECT_EQ(names_.odd, 0U);
}

TEST_F(QueueWalkTest, AnEmptyQueueIsEmpty) {
    EXPECT_FALSE(walk("active"));
    EXPECT_EQ(names_.messages, 0U);
}

TEST_F(QueueWalkTest, TemporaryFilesAreNoMessages) {
    tree_.add("incoming/528076.4711", {});
    EXPECT_FALSE(walk("incoming"));
    EXPECT_EQ(names_.messages, 0U);
    EXPECT_EQ(names_.odd, 0U);
}

TEST_F(QueueWalkTest, LinksFifosSocketsAndFoldersAreNoMessages) {
    std::filesystem::create_symlink("/etc/passwd", tree_.spool() / "deferred/ABCDE1");
    std::filesystem::create_directory_symlink("/etc", tree_.spool() / "deferred/E");
    ASSERT_EQ(::mkfifo((tree_.spool() / "deferred/ABCDE2").c_str(), 0700), 0);
    std::filesystem::create_directory(tree_.spool() / "deferred/ABCDE3");
    tree_.add("deferred/not-an-id", {});
    EXPECT_FALSE(walk("deferred"));
    EXPECT_EQ(names_.messages, 0U);
    EXPECT_EQ(names_.folders.size(), 1U);
    EXPECT_EQ(names_.odd, 5U);
    EXPECT_THAT(names_.odd_example, HasSubstr("deferred/"));
}

TEST_F(QueueWalkTest, TheQueueItselfMustNotBeALink) {
    std::filesystem::remove(tree_.spool() / "hold");
    std::filesystem::create_directory_symlink("/etc", tree_.spool() / "hold");
    const auto failure = walk("hold");
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->reason, HasSubstr("cannot open hold"));
}

// Linux before 5.6, and containers.
TEST_F(QueueWalkTest, NeedsNoNewSystemCall) {
    tree_.add("deferred/A/B/ABCDE2", {});
    std::filesystem::create_directory_symlink(tree_.spool() / "deferred", tree_.spool() / "link");
    for (const int error : {ENOSYS, EPERM}) {
        EXPECT_TRUE(holds_in_child([&] {
            const bool ready = refuse_call(SYS_openat2, error);
            const bool is_counted = !walk("deferred") && names_.messages == 1;
            return ready && is_counted && walk("link").has_value();
        })) << error;
    }
}

TEST_F(QueueWalkTest, AMissingQueueIsAFailureAndNotEmpty) {
    std::filesystem::remove(tree_.spool() / "hold");
    const auto failure = walk("hold");
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->reason, "cannot open hold: No such file or directory");
    EXPECT_EQ(failure->error_number, ENOENT);
}

TEST_F(QueueWalkTest, AForestOfFoldersIsAFailure) {
    const std::string letters = "0123456789ABCDEFGHIJ";
    for (const char a : letters) {
        for (const char b : letters) {
            for (const char c : letters.substr(0, 12)) {
                std::filesystem::create_directories(tree_.spool() / "deferred" / std::string(1, a) /
                                                    std::string(1, b) / std::string(1, c));
            }
        }
    }
    const auto failure = walk("deferred");
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->reason, HasSubstr("more than 4096 folders"));
}

TEST_F(QueueWalkTest, KeepsTheNamesOfAnOrdinaryQueue) {
    tree_.add("deferred/A/ABCDE1", {});
    EXPECT_FALSE(walk("deferred"));
    ASSERT_EQ(names_.folders.size(), 2U);
    EXPECT_EQ(names_.folders[1].path, "deferred/A");
    EXPECT_TRUE(names_.folders[1].names_are_kept);
    EXPECT_EQ(names_.folders[1].names, std::string("ABCDE1\0", 7));
}

TEST_F(QueueWalkTest, ManyOddNamesAreCountedAndNotKept) {
    const auto folder = tree_.spool() / "incoming";
    for (int i = 0; i < 20000; ++i) {
        ASSERT_EQ(::symlink("x", (folder / fmt::format("odd-{}", i)).c_str()), 0);
    }
    EXPECT_FALSE(walk("incoming"));
    EXPECT_EQ(names_.odd, 20000U);
    EXPECT_EQ(names_.name_bytes, 0U);
}

TEST_F(QueueWalkTest, ALateWalkIsAFailure) {
    const UniqueFd root(::open(tree_.spool().c_str(), O_RDONLY | O_DIRECTORY));
    for (int i = 0; i < 17000; ++i) {
        ASSERT_EQ(::symlink("x", (tree_.spool() / fmt::format("active/x-{}", i)).c_str()), 0);
    }
    const auto failure =
        walk_queue_names(root.get(), "active", Deadline::in(std::chrono::milliseconds(0)), names_);
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->reason, HasSubstr("too late"));
}

}  // namespace
}  // namespace mail_relay
