#include "agent_plugin/queue_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "agent_plugin/queue_memory_writer.h"
#include "tests/agent_plugin/queue_tree.h"

namespace mail_relay {
namespace {

using testing::HasSubstr;

class QueueMemoryTest : public testing::Test {
  protected:
    QueueMemoryTest() { std::filesystem::create_directory(tree_.state()); }

    std::string path() const { return tree_.state() + "/queue-postfix"; }

    Result<void> write(std::uint32_t records, const QueueMemory &before = QueueMemory()) const {
        QueueMemoryWriter writer(path(), "/var/spool/postfix", before.hash());
        if (const auto begun = writer.begin(); !begun || !*begun) {
            return begun ? failed("busy") : begun.error();
        }
        for (std::uint32_t i = 0; i < records; ++i) {
            MessageRecord record;
            record.key = before.hash()(std::to_string(i));
            record.arrival = i;
            record.has_reason = i % 2;
            if (auto added = writer.add(record); !added) {
                return added;
            }
        }
        TextCounts senders;
        senders.learn(1, "a@example.org");
        senders.count(1);
        senders.learn(2, "gone@example.org");
        TextCounts domains;
        domains.learn(3, "example.org");
        domains.count(3);
        DeferralReasons reasons(before.hash());
        reasons.count(reasons.learn("connect to h[192.0.2.1]:25: Connection refused", "4.4.1"), 0);
        SenderBaseline baseline;
        baseline.time = 4711;
        return writer.commit(senders, domains, reasons, baseline);
    }

    Result<QueueMemory> load() const { return QueueMemory::load(path(), "/var/spool/postfix"); }

    std::string content() const {
        std::ifstream file(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(tree_.state()),
                          std::filesystem::directory_iterator()));
    }

    QueueTree tree_;
};

TEST_F(QueueMemoryTest, FindsWhatWasWritten) {
    ASSERT_TRUE(write(3000));
    const auto memory = load();
    ASSERT_TRUE(memory) << memory.error().message();
    EXPECT_EQ(memory->size(), 3000U);
    EXPECT_EQ(memory->with_reason(), 1500U);
    EXPECT_EQ(memory->baseline().time, 4711);
    QueueMemory::Reader reader(*memory);
    // Also against the order of the file.
    for (std::uint32_t i = 3000; i-- > 0;) {
        const auto found = reader.find(memory->hash()(std::to_string(i)));
        ASSERT_TRUE(found) << i;
        EXPECT_EQ(found->record.arrival, i);
        EXPECT_EQ(found->position, i);
    }
    EXPECT_FALSE(reader.find(memory->hash()("3000")));
}

TEST_F(QueueMemoryTest, KeepsTheTextsThatWereCounted) {
    ASSERT_TRUE(write(1));
    auto memory = load();
    ASSERT_TRUE(memory);
    TextCounts senders = memory->senders();
    EXPECT_EQ(senders.count_of(1), 0U);
    senders.count(1, 7);
    senders.count(2, 9);
    ASSERT_EQ(senders.top(10).size(), 1U);
    EXPECT_EQ(senders.top(10)[0].name, "a@example.org");
    ASSERT_EQ(memory->reasons().groups().size(), 1U);
    const auto &reason = memory->reasons().groups().begin()->second;
    EXPECT_EQ(reason.failure, FailureClass::kRefused);
    EXPECT_EQ(reason.sample, "connect to h[192.0.2.1]:25: Connection refused");
    EXPECT_EQ(reason.dsn_status, "4.4.1");
    EXPECT_EQ(reason.messages, 0U);
}

TEST_F(QueueMemoryTest, NoFileIsNoMemoryAndNoError) {
    const auto memory = load();
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->size(), 0U);
    QueueMemory::Reader reader(*memory);
    EXPECT_FALSE(reader.find(1));
}

TEST_F(QueueMemoryTest, AnotherQueuesMemoryIsNotUsed) {
    ASSERT_TRUE(write(10));
    const auto memory = QueueMemory::load(path(), "/srv/postfix");
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->size(), 0U);
}

TEST_F(QueueMemoryTest, DamageAnywhereIsAnError) {
    ASSERT_TRUE(write(100));
    const std::string good = content();
    for (std::size_t at = 0; at < good.size(); at += at < 200 ? 1 : 37) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        std::ofstream(path(), std::ios::binary) << bad;
        const auto memory = load();
        // The version says so itself: another one is no damage.
        EXPECT_TRUE(!memory || memory->size() == 0) << at;
    }
}

TEST_F(QueueMemoryTest, ATruncatedFileIsAnError) {
    ASSERT_TRUE(write(100));
    const std::string good = content();
    for (std::size_t length = 0; length < good.size(); length += 53) {
        std::ofstream(path(), std::ios::binary) << good.substr(0, length);
        EXPECT_FALSE(load()) << length;
    }
    std::ofstream(path(), std::ios::binary) << good << "x";
    EXPECT_FALSE(load());
}

TEST_F(QueueMemoryTest, ALinkOrAFifoIsAnError) {
    std::filesystem::create_symlink("/etc/passwd", path());
    EXPECT_FALSE(load());
    std::filesystem::remove(path());
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    const auto memory = load();
    ASSERT_FALSE(memory);
    EXPECT_THAT(memory.error().message(), HasSubstr("is not a queue memory"));
}

TEST_F(QueueMemoryTest, AnUnfinishedWriterLeavesNothing) {
    {
        QueueMemoryWriter writer(path(), "q", QueueMemory().hash());
        ASSERT_TRUE(writer.begin());
        EXPECT_EQ(files(), 1U);
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(QueueMemoryTest, TwoWritersDoNotDisturbEachOther) {
    QueueMemoryWriter first(path(), "q", QueueMemory().hash());
    ASSERT_TRUE(*first.begin());
    {
        QueueMemoryWriter second(path(), "q", QueueMemory().hash());
        EXPECT_EQ(*second.begin(), false);
    }
    EXPECT_EQ(files(), 1U) << "the second one leaves the first one's file";
}

TEST_F(QueueMemoryTest, AnAbandonedWriteIsRemoved) {
    tree_.write("../state/queue-postfix.new", "killed", 0600, 1000);
    EXPECT_TRUE(write(5));
    EXPECT_EQ(files(), 1U);
}

TEST_F(QueueMemoryTest, AFullDiskIsAnErrorAndTheOldMemoryStays) {
    ASSERT_TRUE(write(10));
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{10000, 10000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto written = write(5000);
        ::_exit(!written && written.error().message().find("cannot write") == 0 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(load()->size(), 10U);
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace mail_relay
