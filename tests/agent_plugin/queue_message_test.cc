#include "agent_plugin/queue_message.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/agent_plugin/queue_tree.h"

namespace mail_relay {
namespace {

class QueueMessageTest : public testing::Test {
  protected:
    UniqueFd folder(const std::string &path) const {
        return UniqueFd(::open((tree_.spool() / path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    ReadOutcome read(const std::string &name) {
        const UniqueFd active = folder("active");
        return files_.read(active.get(), name.c_str(), status_, head_);
    }

    ReadOutcome read_log(const std::string &id, int hash_depth = 1) {
        const UniqueFd spool = folder("");
        DeferLogReader logs(spool.get(), hash_depth);
        std::optional<DeferLogEntry> entry;
        const ReadOutcome outcome = logs.read(id, status_, entry);
        reason_ = entry ? std::string(entry->reason) : "";
        return outcome;
    }

    QueueTree tree_;
    QueueFileReader files_;
    struct stat status_ {};
    QueueFileHead head_;
    std::string reason_;
};

TEST_F(QueueMessageTest, ReadsTheHeadOfAQueueFile) {
    tree_.add("active/ABCDE1", {.arrival = 1795256400, .content_bytes = 700});
    ASSERT_EQ(read("ABCDE1"), ReadOutcome::kRead);
    EXPECT_EQ(head_.arrival, 1795256400);
    EXPECT_EQ(head_.content_bytes, 700U);
    EXPECT_EQ(head_.sender, "monitoring@example.org");
    ASSERT_EQ(head_.domain_count, 1U);
    EXPECT_EQ(head_.domains[0], "example.org");
    EXPECT_EQ(status_.st_mtime, 1795256400);
}

TEST_F(QueueMessageTest, LeavesNoTrace) {
    tree_.add("active/ABCDE1", {.arrival = 1795256400});
    struct stat before {};
    const auto path = tree_.spool() / "active/ABCDE1";
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    ASSERT_EQ(read("ABCDE1"), ReadOutcome::kRead);
    struct stat after {};
    ASSERT_EQ(::stat(path.c_str(), &after), 0);
    EXPECT_EQ(after.st_atim.tv_sec, before.st_atim.tv_sec);
    EXPECT_EQ(after.st_atim.tv_nsec, before.st_atim.tv_nsec);
}

TEST_F(QueueMessageTest, OnlyRegularFilesAreRead) {
    tree_.add("hold/ABCDE1", {});
    std::filesystem::create_symlink(tree_.spool() / "hold/ABCDE1", tree_.spool() / "active/link");
    std::filesystem::create_directory(tree_.spool() / "active/folder");
    ASSERT_EQ(::mkfifo((tree_.spool() / "active/fifo").c_str(), 0700), 0);
    const UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM, 0));
    struct sockaddr_un address {};
    address.sun_family = AF_UNIX;
    const std::string socket = tree_.spool() / "active/socket";
    std::copy(socket.begin(), socket.end(), std::begin(address.sun_path));
    ASSERT_EQ(
        ::bind(listening.get(), reinterpret_cast<struct sockaddr *>(&address), sizeof address), 0);
    for (const char *name : {"link", "folder", "fifo", "socket"}) {
        EXPECT_EQ(read(name), ReadOutcome::kNotAFile) << name;
        const UniqueFd active = folder("active");
        EXPECT_EQ(read_queue_file_status(active.get(), name, status_), ReadOutcome::kNotAFile)
            << name;
    }
}

TEST_F(QueueMessageTest, FindsALogThatWasWrittenUnderAnotherHashDepth) {
    for (const char *path : {"defer/ABCDE1", "defer/A/ABCDE2", "defer/A/B/ABCDE3"}) {
        std::filesystem::create_directories((tree_.spool() / path).parent_path());
        tree_.add_log(path, "Connection refused", 1795256400);
    }
    for (const char *id : {"ABCDE1", "ABCDE2", "ABCDE3"}) {
        for (const int depth : {0, 1, 2, 3}) {
            EXPECT_EQ(read_log(id, depth), ReadOutcome::kRead) << id << " at depth " << depth;
            EXPECT_EQ(reason_, "Connection refused");
        }
    }
}

TEST_F(QueueMessageTest, WhatIsGoneHasVanished) {
    EXPECT_EQ(read("ABCDE1"), ReadOutcome::kVanished);
    const UniqueFd active = folder("active");
    EXPECT_EQ(read_queue_file_status(active.get(), "ABCDE1", status_), ReadOutcome::kVanished);
    EXPECT_EQ(read_log("ABCDE1"), ReadOutcome::kVanished);
}

TEST_F(QueueMessageTest, RecipientsMayStandBehindTheContent) {
    const std::string content =
        QueueTree::record('C', fmt::format("{:>15} {:>15} {:>15} {:>15} {:>15} {:>15}", 5000, 100,
                                           1, 0, 5000, 0)) +
        QueueTree::record('T', "1795256400 0") + QueueTree::record('S', "a@example.org") +
        QueueTree::record('M', "") + std::string(5000, '\0');
    tree_.write("active/ABCDE1", content, 0700, 1795256400);
    EXPECT_EQ(read("ABCDE1"), ReadOutcome::kRead);
    EXPECT_EQ(head_.domain_count, 0U);  // zeros are no recipients
    EXPECT_EQ(head_.sender, "a@example.org");
}

TEST_F(QueueMessageTest, DeferLogsAreHashedToAnyDepth) {
    tree_.add_log("defer/A/ABCDE1", "deep", 1795256400);
    tree_.add_log("defer/A/B/ABCDE2", "deeper", 1795256400);
    tree_.add_log("defer/ABCDE3", "flat", 1795256400);
    EXPECT_EQ(read_log("ABCDE1"), ReadOutcome::kRead);
    EXPECT_EQ(reason_, "deep");
    EXPECT_EQ(read_log("ABCDE2", 2), ReadOutcome::kRead);
    EXPECT_EQ(reason_, "deeper");
    EXPECT_EQ(read_log("ABCDE3", 0), ReadOutcome::kRead);
    EXPECT_EQ(reason_, "flat");
}

TEST_F(QueueMessageTest, TheLastEntryOfALogCountsHoweverLongItIs) {
    const std::string longest(30000, 'x');
    tree_.add_log("defer/A/ABCDE1", longest, 1795256400);
    EXPECT_EQ(read_log("ABCDE1"), ReadOutcome::kRead);
    EXPECT_EQ(reason_, longest);
    tree_.add_log("defer/A/ABCDE2", std::string(200000, 'x'), 1795256400);
    EXPECT_EQ(read_log("ABCDE2"), ReadOutcome::kRead);
    EXPECT_EQ(reason_, "");  // no server says so much
}

TEST_F(QueueMessageTest, AFolderThatIsALinkIsNotFollowed) {
    tree_.add_log("defer/A/ABCDE1", "reason", 1795256400);
    std::filesystem::rename(tree_.spool() / "defer/A", tree_.spool() / "elsewhere");
    std::filesystem::create_directory_symlink(tree_.spool() / "elsewhere",
                                              tree_.spool() / "defer/A");
    EXPECT_NE(read_log("ABCDE1"), ReadOutcome::kRead);
}

}  // namespace
}  // namespace mail_relay
