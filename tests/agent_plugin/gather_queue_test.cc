#include "agent_plugin/gather_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include "tests/agent_plugin/queue_tree.h"

namespace mail_relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The system dates a status change of the queue files by its own clock: long ago at this time.
const std::int64_t kNow = ::time(nullptr) + 3600;
constexpr const char *kRefused = "connect to relay.example.org[192.0.2.1]:587: Connection refused";
constexpr const char *kTimeout =
    "connect to relay.example.org[192.0.2.1]:587: Connection timed out";

class GatherQueueTest : public testing::Test {
  protected:
    Configuration configuration() const {
        Configuration configuration;
        configuration.parameters["queue_directory"] = tree_.spool();
        return configuration;
    }

    QueueFacts look(std::int64_t now = kNow, QueueLimits limits = {}) const {
        return gather_queue(FileTree(), configuration(), limits, tree_.state(), "postfix", now);
    }

    std::string memory_path() const { return tree_.state() + "/queue-postfix"; }

    void add_deferred(const std::string &id, const QueueTree::Message &message,
                      const std::string &reason, std::int64_t last_attempt) const {
        tree_.add("deferred/" + id.substr(0, 1) + "/" + id, message);
        tree_.add_log("defer/" + id.substr(0, 1) + "/" + id, reason, last_attempt);
    }

    QueueTree tree_;
};

TEST_F(GatherQueueTest, AnEmptyQueueIsZeroAndNoProblem) {
    const auto facts = look();
    for (const Queue queue : kQueues) {
        ASSERT_TRUE(facts[queue]) << queue_name(queue);
        EXPECT_EQ(facts[queue]->messages, 0U);
        EXPECT_EQ(facts[queue]->oldest_arrival, std::nullopt);
    }
    EXPECT_THAT(facts.problems, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(tree_.state()));
}

TEST_F(GatherQueueTest, TellsWhatWaitsAndWhy) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .content_bytes = 500, .modified = kNow + 300},
                 kRefused, kNow - 100);
    add_deferred("ABCDE2",
                 {.arrival = kNow - 5000,
                  .sender = "",
                  .recipient = "x@Other.test",
                  .content_bytes = 700,
                  .modified = kNow + 200},
                 kTimeout, kNow - 50);
    add_deferred("0BCDE3", {.arrival = kNow - 2000, .content_bytes = 1, .modified = kNow - 60},
                 kRefused, kNow - 4000);
    const auto facts = look();
    EXPECT_THAT(facts.problems, IsEmpty());
    const auto &deferred = facts[Queue::kDeferred];
    ASSERT_TRUE(deferred);
    EXPECT_EQ(deferred->messages, 3U);
    EXPECT_EQ(deferred->examined, 3U);
    EXPECT_EQ(deferred->bytes, 1201U);
    EXPECT_EQ(deferred->oldest_arrival, kNow - 5000);
    EXPECT_THAT(deferred->age_buckets, ElementsAre(0, 2, 1, 0, 0, 0));
    EXPECT_EQ(facts.next_attempt, kNow - 60);
    EXPECT_EQ(facts.last_attempt, kNow - 50);
    EXPECT_EQ(facts.overdue, 1U);
    EXPECT_EQ(facts.longest_overdue_s, 60);
    ASSERT_EQ(facts.reasons.size(), 2U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kRefused);
    EXPECT_EQ(facts.reasons[0].messages, 2U);
    EXPECT_EQ(facts.reasons[0].oldest_arrival, kNow - 2000);
    EXPECT_EQ(facts.reasons[0].dsn_status, "4.4.1");
    EXPECT_EQ(facts.reasons[0].sample, kRefused);
    EXPECT_EQ(facts.reasons[1].failure, FailureClass::kTimeout);
    ASSERT_EQ(facts.domains.size(), 2U);
    EXPECT_EQ(facts.domains[0].name, "example.org");
    EXPECT_EQ(facts.domains[1].name, "other.test");
    ASSERT_EQ(facts.senders.size(), 2U);
    EXPECT_EQ(facts.senders[1].name, "MAILER-DAEMON");
    EXPECT_EQ(facts.reason_coverage.examined, 3U);
    EXPECT_EQ(facts.messages.total, 3U);
}

TEST_F(GatherQueueTest, LaterLooksTellTheSame) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow - 100);
    tree_.add("active/BBCDE2", {.arrival = kNow - 2000, .recipient = "x@other.test"});
    const auto first = look();
    // What was read once is not read again: it could not be.
    tree_.write("defer/A/ABCDE1", "damaged", 0600, kNow - 100);
    const auto message = tree_.spool() / "active/BBCDE2";
    const auto size = std::filesystem::file_size(message);
    tree_.write("active/BBCDE2", std::string(size, 'x'), 0700, kNow - 2000);
    for (int i = 0; i < 3; ++i) {
        const auto later = look();
        EXPECT_THAT(later.problems, IsEmpty());
        EXPECT_EQ(later[Queue::kDeferred]->bytes, first[Queue::kDeferred]->bytes);
        EXPECT_EQ(later[Queue::kActive]->oldest_arrival, kNow - 2000);
        ASSERT_EQ(later.reasons.size(), 1U);
        EXPECT_EQ(later.reasons[0].sample, kRefused);
        EXPECT_EQ(later.domains.size(), 2U);
        EXPECT_EQ(later.last_attempt, kNow - 100);
    }
}

TEST_F(GatherQueueTest, AnUnchangedQueueIsNotWrittenAgain) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow - 100);
    look();
    struct stat before {};
    ASSERT_EQ(::stat(memory_path().c_str(), &before), 0);
    EXPECT_EQ(before.st_mode & 0777U, 0600U);
    look();
    struct stat after {};
    ASSERT_EQ(::stat(memory_path().c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

TEST_F(GatherQueueTest, ANewAttemptHasANewReason) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow - 100);
    look();
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 900}, kTimeout, kNow + 310);
    const auto facts = look(kNow + 320);
    ASSERT_EQ(facts.reasons.size(), 1U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kTimeout);
    EXPECT_EQ(facts.next_attempt, kNow + 900);
    EXPECT_EQ(facts.last_attempt, kNow + 310);
}

TEST_F(GatherQueueTest, TwoAttemptsWithinASecondAreTwoAttempts) {
    const std::int64_t now = ::time(nullptr);
    const QueueTree::Message message{.arrival = now - 1000, .modified = now + 300};
    add_deferred("ABCDE1", message, kRefused, now);
    look(now);
    add_deferred("ABCDE1", message, kTimeout, now);
    const auto facts = look(now + 1);
    ASSERT_EQ(facts.reasons.size(), 1U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kTimeout);
    // Much later nothing can have changed, and the log is not read any more.
    look(now + 60);
    tree_.write("defer/A/ABCDE1", "damaged", 0600, now);
    EXPECT_THAT(look(now + 120).problems, IsEmpty());
}

TEST_F(GatherQueueTest, AReasonReadTooSoonStandsUntilItIsReadAgain) {
    const std::int64_t now = ::time(nullptr);
    add_deferred("ABCDE1", {.arrival = now - 1000, .modified = now + 300}, kRefused, now);
    look(now);
    const auto facts = look(now + 1, {.details = std::chrono::milliseconds(0)});
    EXPECT_EQ(facts.reason_coverage.examined, 1U);
}

TEST_F(GatherQueueTest, AMessageIsRememberedWhereverItMoves) {
    tree_.add("active/ABCDE1", {.arrival = kNow - 1000, .sender = "a@example.org"});
    look();
    std::filesystem::create_directories(tree_.spool() / "deferred/A");
    std::filesystem::rename(tree_.spool() / "active/ABCDE1", tree_.spool() / "deferred/A/ABCDE1");
    const auto size = std::filesystem::file_size(tree_.spool() / "deferred/A/ABCDE1");
    tree_.write("deferred/A/ABCDE1", std::string(size, 'x'), 0700, kNow + 300);
    tree_.add_log("defer/A/ABCDE1", kRefused, kNow);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kDeferred]->oldest_arrival, kNow - 1000);
    EXPECT_EQ(facts.senders[0].name, "a@example.org");
    EXPECT_EQ(facts.reasons.size(), 1U);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, AnotherFileOfTheSameIdIsReadAnew) {
    tree_.add("hold/ABCDE1", {.arrival = kNow - 9000, .sender = "old@example.org"});
    look();
    tree_.add("hold/ABCDE1", {.arrival = kNow - 10, .sender = "someone-new@example.org"});
    EXPECT_EQ(look()[Queue::kHold]->oldest_arrival, kNow - 10);
}

TEST_F(GatherQueueTest, WhatIsBeingWrittenIsNotInTheQueueYet) {
    tree_.add("incoming/ABCDE1", {.arrival = kNow, .mode = 0600});
    tree_.add("incoming/ABCDE2", {.arrival = kNow});
    tree_.add("maildrop/ABCDE3", {.mode = 0600, .modified = kNow});
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kIncoming]->messages, 1U);
    EXPECT_EQ(facts[Queue::kMaildrop]->messages, 0U);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, CorruptMailCountsWhateverItsMode) {
    tree_.write("corrupt/ABCDE1", "nonsense", 0400, kNow);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kCorrupt]->messages, 1U);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, MaildropIsAsOldAsItsFiles) {
    tree_.write("maildrop/ABCDE1", "T\x01x", 0700, kNow - 700);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kMaildrop]->oldest_arrival, kNow - 700);
    EXPECT_EQ(facts[Queue::kMaildrop]->bytes, 3U);
}

TEST_F(GatherQueueTest, AMessageSeenInTwoQueuesCountsOnce) {
    tree_.add("active/ABCDE1", {.arrival = kNow - 1000});
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kActive]->messages + facts[Queue::kDeferred]->messages, 1U);
    EXPECT_EQ(facts.messages.total, 1U);
}

TEST_F(GatherQueueTest, MessagesThatMoveDuringTheWalkCountOnce) {
    constexpr int kMessages = 3000;
    const auto path = [this](bool active, int i) {
        const auto id = fmt::format("{:05X}{}", i * 337 % 0xFFFFF, i);
        return active ? tree_.spool() / "active" / id
                      : tree_.spool() / "deferred" / id.substr(0, 1) / id;
    };
    for (int i = 0; i < kMessages; ++i) {
        const auto place = std::filesystem::relative(path(false, i), tree_.spool());
        tree_.add(place, {.arrival = kNow - 100, .modified = kNow + 300});
    }
    std::jthread mover([&](const std::stop_token &stop) {
        // As qmgr does: to active, and back to deferred after a while.
        for (int i = 0; !stop.stop_requested(); i = (i + 1) % kMessages) {
            ::rename(path(false, i).c_str(), path(true, i).c_str());
            const int back = (i + kMessages - 50) % kMessages;
            ::rename(path(true, back).c_str(), path(false, back).c_str());
        }
    });
    for (int i = 0; i < 5; ++i) {
        const auto facts = look();
        const auto total = facts.messages.total;
        EXPECT_LE(total, kMessages);
        // One that moves twice while it is looked for may be missed.
        EXPECT_GE(total, kMessages - kMessages / 50);
    }
}

TEST_F(GatherQueueTest, AMessageThatGoesToAndFroIsNeverMissed) {
    const auto deferred = tree_.spool() / "deferred/A/ABCDE1";
    const auto active = tree_.spool() / "active/ABCDE1";
    tree_.add("deferred/A/ABCDE1", {.arrival = kNow - 100, .modified = kNow + 300});
    std::jthread mover([&](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            ::rename(deferred.c_str(), active.c_str());
            std::this_thread::sleep_for(std::chrono::microseconds(500));
            ::rename(active.c_str(), deferred.c_str());
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    });
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(look().messages.total, 1U);
    }
}

TEST_F(GatherQueueTest, LongIdsTellTheOldestWithoutAReading) {
    tree_.write("deferred/8/4jWkNK3lHJz1cyVd", "damaged", 0700, kNow);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kDeferred]->oldest_arrival, 1795246145);
    EXPECT_EQ(facts[Queue::kDeferred]->examined, 0U);
}

TEST_F(GatherQueueTest, DamagedFilesAreCountedAndReported) {
    tree_.write("deferred/A/ABCDE1", "", 0700, kNow + 300);
    tree_.write("deferred/A/ABCDE2", std::string(4096, '\xFF'), 0700, kNow + 300);
    tree_.write("defer/A/ABCDE1", std::string(9000, 'x'), 0600, kNow - 1000);
    add_deferred("ABCDE3", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    for (int i = 0; i < 2; ++i) {
        const auto facts = look();
        EXPECT_EQ(facts[Queue::kDeferred]->messages, 3U);
        EXPECT_EQ(facts[Queue::kDeferred]->examined, 1U);
        ASSERT_EQ(facts.problems.size(), 2U);
        EXPECT_THAT(facts.problems[0].error, HasSubstr("2 queue files that could not be"));
        EXPECT_THAT(facts.problems[1].error, HasSubstr("1 defer logs"));
    }
}

TEST_F(GatherQueueTest, OddEntriesAreReportedAndNotCounted) {
    std::filesystem::create_symlink("/etc/passwd", tree_.spool() / "deferred/ABCDE1");
    ASSERT_EQ(::mkfifo((tree_.spool() / "incoming/ABCDE2").c_str(), 0700), 0);
    std::filesystem::create_directories(tree_.spool() / "defer/A");
    ASSERT_EQ(::mkfifo((tree_.spool() / "defer/A/ABCDE3").c_str(), 0700), 0);
    tree_.add("deferred/A/ABCDE3", {.arrival = kNow - 10, .modified = kNow + 300});
    const auto facts = look();
    EXPECT_EQ(facts.messages.total, 1U);
    EXPECT_EQ(facts.reason_coverage.examined, 0U);
    ASSERT_EQ(facts.problems.size(), 3U);
    EXPECT_EQ(facts.problems[0].what, "queues.incoming.files");
    EXPECT_THAT(facts.problems[1].error, HasSubstr("such as deferred/ABCDE1"));
    EXPECT_THAT(facts.problems[2].error, HasSubstr("such as that of ABCDE3"));
}

TEST_F(GatherQueueTest, BeforeThePostfixIsEverStartedAMissingQueueIsEmpty) {
    std::filesystem::remove(tree_.spool() / "hold");
    const auto facts = look();
    ASSERT_TRUE(facts[Queue::kHold]);
    EXPECT_EQ(facts[Queue::kHold]->messages, 0U);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, WithoutMainCfNoQueueIsKnown) {
    Configuration unknown;
    unknown.parameters["queue_directory"] = "";
    const auto facts = gather_queue(FileTree(), unknown, {}, tree_.state(), "other", kNow);
    for (const Queue queue : kQueues) {
        EXPECT_FALSE(facts[queue]) << queue_name(queue);
    }
    ASSERT_EQ(facts.problems.size(), kQueueCount);
    EXPECT_EQ(facts.problems[0].error, "queue_directory is not known");
}

TEST_F(GatherQueueTest, AMissingQueueIsUnknownAndTheOthersAreNot) {
    std::filesystem::create_directory(tree_.spool() / "pid");
    std::ofstream(tree_.spool() / "pid/master.pid") << "1";
    std::filesystem::remove(tree_.spool() / "deferred");
    const auto facts = look();
    EXPECT_FALSE(facts[Queue::kDeferred]);
    EXPECT_TRUE(facts[Queue::kActive]);
    ASSERT_EQ(facts.problems.size(), 1U);
    EXPECT_EQ(facts.problems[0].what, "queues.deferred");
    EXPECT_EQ(facts.problems[0].error, "cannot open deferred: No such file or directory");
}

TEST_F(GatherQueueTest, AMissingQueueDirectoryIsUnknown) {
    std::filesystem::remove_all(tree_.spool());
    const auto facts = look();
    EXPECT_FALSE(facts[Queue::kDeferred]);
    EXPECT_EQ(facts.problems.size(), kQueueCount);
}

/// What an ordinary user sees: a child process without privileges looks, and is asked.
TEST_F(GatherQueueTest, WithoutPermissionAndShowqTheQueueIsUnknown) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can become somebody else";
    }
    std::filesystem::permissions(tree_.spool().parent_path(), std::filesystem::perms(0755));
    for (const Queue queue : kQueues) {
        std::filesystem::permissions(tree_.spool() / queue_name(queue),
                                     std::filesystem::perms(0700));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t kNobody = 65534;
        const bool dropped = ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
        const auto facts = look();
        const bool unknown =
            dropped && !facts[Queue::kDeferred] && !facts[Queue::kActive] &&
            facts.problems.size() == kQueueCount + 1 &&
            facts.problems.front().error == "cannot open maildrop: Permission denied" &&
            facts.problems.back().what == "showq";
        ::_exit(unknown ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(GatherQueueTest, AHugeDeferLogIsReadAtItsEndOnly) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    const auto log = tree_.spool() / "defer/A/ABCDE1";
    const auto end = kTimeout;
    {
        std::ofstream file(log, std::ios::binary);
        file.seekp(100'000'000);  // a hole: nothing is stored of it
        file << "\n\nrecipient=a@example.org\nstatus=4.4.1\nreason=" << end << "\n\n";
    }
    const auto facts = look();
    ASSERT_EQ(facts.reasons.size(), 1U);
    EXPECT_EQ(facts.reasons[0].failure, FailureClass::kTimeout);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, ReadsAMountedTree) {
    tree_.add("hold/ABCDE1", {.arrival = kNow - 10});
    Configuration configuration;
    configuration.parameters["queue_directory"] = "/spool";
    const auto facts =
        gather_queue(FileTree(tree_.spool().parent_path()), configuration, {}, "", "postfix", kNow);
    EXPECT_EQ(facts[Queue::kHold]->oldest_arrival, kNow - 10);
}

TEST_F(GatherQueueTest, WithoutTimeNamesAreStillCounted) {
    for (int i = 0; i < 200; ++i) {
        add_deferred(fmt::format("A{:04X}", i), {.arrival = kNow - 1000, .modified = kNow + 300},
                     kRefused, kNow);
    }
    const auto facts = look(kNow, {.details = std::chrono::milliseconds(0)});
    EXPECT_EQ(facts[Queue::kDeferred]->messages, 200U);
    EXPECT_LT(facts[Queue::kDeferred]->examined, 20U);
    EXPECT_EQ(facts.messages.total, 200U);
}

TEST_F(GatherQueueTest, CoverageGrowsFromLookToLook) {
    for (int i = 0; i < 200; ++i) {
        add_deferred(fmt::format("A{:04X}", i), {.arrival = kNow - 1000, .modified = kNow + 300},
                     kRefused, kNow);
    }
    std::uint64_t examined = 0;
    for (int i = 0; i < 3; ++i) {
        look(kNow, {.details = std::chrono::milliseconds(2)});
    }
    examined = look()[Queue::kDeferred]->examined;
    EXPECT_EQ(examined, 200U);
    EXPECT_EQ(look(kNow, {.details = std::chrono::milliseconds(0)}).messages.examined, 200U);
}

TEST_F(GatherQueueTest, ADamagedMemoryIsAProblemAndBuiltAnew) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    look();
    std::ofstream(memory_path(), std::ios::binary) << "nonsense";
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kDeferred]->examined, 1U);
    ASSERT_EQ(facts.problems.size(), 1U);
    EXPECT_EQ(facts.problems[0].what, "queue_memory");
    EXPECT_THAT(facts.problems[0].error, HasSubstr("built anew"));
    EXPECT_THAT(look().problems, IsEmpty());
}

TEST_F(GatherQueueTest, AStateDirectoryThatCannotBeIsAProblemAndTheLookGoesOn) {
    std::ofstream(tree_.state()) << "a file";
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    const auto facts = look();
    EXPECT_EQ(facts[Queue::kDeferred]->examined, 1U);
    ASSERT_FALSE(facts.problems.empty());
    EXPECT_EQ(facts.problems.back().what, "queue_memory");
}

TEST_F(GatherQueueTest, AnotherInstanceHasItsOwnMemory) {
    add_deferred("ABCDE1", {.arrival = kNow - 1000, .modified = kNow + 300}, kRefused, kNow);
    look();
    gather_queue(FileTree(), configuration(), {}, tree_.state(), "postfix-out/../x", kNow);
    EXPECT_TRUE(std::filesystem::exists(tree_.state() + "/queue-postfix-out_.._x"));
}

TEST_F(GatherQueueTest, AnotherQueueOfTheSameNameIsNotMixedUp) {
    tree_.add("hold/ABCDE1", {.arrival = kNow - 1000});
    look();
    QueueTree other;
    other.add("hold/ABCDE1", {.arrival = kNow - 5});
    Configuration configuration;
    configuration.parameters["queue_directory"] = other.spool();
    const auto facts = gather_queue(FileTree(), configuration, {}, tree_.state(), "postfix", kNow);
    EXPECT_EQ(facts[Queue::kHold]->oldest_arrival, kNow - 5);
    EXPECT_THAT(facts.problems, IsEmpty());
}

TEST_F(GatherQueueTest, TellsHowTheTopSenderGrew) {
    for (int i = 0; i < 10; ++i) {
        tree_.add(fmt::format("active/A{:04X}", i), {.arrival = kNow, .sender = "a@example.org"});
    }
    EXPECT_FALSE(look().top_sender_growth);
    for (int i = 10; i < 30; ++i) {
        tree_.add(fmt::format("active/A{:04X}", i), {.arrival = kNow, .sender = "a@example.org"});
    }
    EXPECT_FALSE(look(kNow + 10).top_sender_growth) << "two looks at nearly the same time";
    const auto growth = look(kNow + 60).top_sender_growth;
    ASSERT_TRUE(growth);
    EXPECT_EQ(growth->sender, "a@example.org");
    EXPECT_EQ(growth->messages, 30U);
    EXPECT_EQ(growth->messages_before, 10U);
    EXPECT_EQ(growth->seconds, 60);
}

}  // namespace
}  // namespace mail_relay
