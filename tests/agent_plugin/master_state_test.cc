#include "agent_plugin/master_state.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "common/unique_fd.h"

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

/// The directories of an instance. Locks are held by this process, as master would.
class MasterStateTest : public testing::Test {
  protected:
    MasterStateTest() {
        std::array<char, 32> name{"/tmp/master_state_XXXXXX"};
        folder_ = ::mkdtemp(name.data());
        fs::permissions(folder_, fs::perms::all);
        fs::create_directories(folder_ / "queue/pid");
        fs::create_directories(folder_ / "data");
    }
    ~MasterStateTest() override { fs::remove_all(folder_); }

    fs::path pid_file() const { return folder_ / "queue/pid/master.pid"; }
    fs::path data_lock() const { return folder_ / "data/master.lock"; }

    static void write_pid(const fs::path &path) {
        std::ofstream(path) << std::string(25, ' ') << ::getpid() << '\n';
    }

    static UniqueFd lock(const fs::path &path) {
        UniqueFd file(::open(path.c_str(), O_RDWR));
        EXPECT_EQ(::flock(file.get(), LOCK_EX | LOCK_NB), 0);
        return file;
    }

    MasterState read() const {
        return read_master_state(FileTree(), folder_ / "queue", folder_ / "data");
    }

    fs::path folder_;
};

TEST_F(MasterStateTest, IsUnknownWhereTheDirectoriesAre) {
    const auto state = read_master_state(FileTree(), "", "");
    EXPECT_EQ(state.running, std::nullopt);
    EXPECT_THAT(state.problems, ElementsAre(Field(&Problem::what, "running")));
}

TEST_F(MasterStateTest, AHeldLockIsARunningMaster) {
    write_pid(pid_file());
    const auto held = lock(pid_file());
    const auto state = read();
    EXPECT_EQ(state.running, true);
    EXPECT_EQ(state.pid, ::getpid());
    ASSERT_TRUE(state.started);
    EXPECT_NEAR(static_cast<double>(*state.started), static_cast<double>(std::time(nullptr)), 600);
    EXPECT_THAT(state.problems, IsEmpty());
}

TEST_F(MasterStateTest, APidFileAloneIsNoRunningMaster) {
    write_pid(pid_file());
    write_pid(data_lock());
    const auto state = read();
    EXPECT_EQ(state.running, false);
    EXPECT_EQ(state.pid, std::nullopt);
    EXPECT_EQ(state.started, std::nullopt);
    EXPECT_THAT(state.problems, IsEmpty());
}

TEST_F(MasterStateTest, AnInstanceThatNeverRanDoesNotRun) {
    EXPECT_EQ(read().running, false);
}

TEST_F(MasterStateTest, AMasterWhosePidFileWasRemovedRuns) {
    write_pid(data_lock());
    const auto held = lock(data_lock());
    EXPECT_EQ(read().running, true);
    write_pid(pid_file());
    const auto state = read();
    EXPECT_EQ(state.running, true);
    EXPECT_EQ(state.pid, ::getpid());
}

TEST_F(MasterStateTest, APidFileWithoutNumberLeavesThePidUnknown) {
    std::ofstream(pid_file()) << "x";
    const auto held = lock(pid_file());
    const auto state = read();
    EXPECT_EQ(state.running, true);
    EXPECT_EQ(state.pid, std::nullopt);
    EXPECT_THAT(state.problems,
                ElementsAre(Field(&Problem::what, "pid"), Field(&Problem::what, "started")));
}

TEST_F(MasterStateTest, AnUnknownQueueDirectoryIsNoStoppedMaster) {
    const auto state = read_master_state(FileTree(), folder_ / "none", folder_ / "data");
    EXPECT_EQ(state.running, std::nullopt);
    EXPECT_THAT(state.problems, ElementsAre(Field(&Problem::error, HasSubstr("does not exist"))));
}

TEST_F(MasterStateTest, ALinkInPlaceOfThePidFileIsNotFollowed) {
    write_pid(folder_ / "other");
    fs::create_symlink(folder_ / "other", pid_file());
    const auto state = read();
    EXPECT_EQ(state.running, std::nullopt);
    EXPECT_THAT(state.problems, ElementsAre(Field(&Problem::what, "running")));
}

TEST_F(MasterStateTest, AMountedTreeWithoutLocksIsUnknown) {
    fs::create_directories(folder_ / "queue/pid");
    write_pid(pid_file());
    const auto state = read_master_state(FileTree(folder_), "/queue", "/data");
    EXPECT_EQ(state.running, std::nullopt);
    const auto held = lock(pid_file());
    EXPECT_EQ(read_master_state(FileTree(folder_), "/queue", "/data").running, true);
}

/// What another user than root learns: exit status 0 running, 1 not running, 2 unknown.
int state_as_nobody(const std::function<MasterState()> &read) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool dropped = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const auto state = read();
        const bool is_told = !state.problems.empty();
        ::_exit(!dropped ? 3 : state.running ? (*state.running ? 0 : 1) : is_told ? 2 : 4);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST_F(MasterStateTest, WithoutTheRightToOpenItIsUnknownAndNeverStopped) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become nobody";
    }
    write_pid(pid_file());
    fs::permissions(pid_file(), fs::perms::owner_read);
    fs::permissions(folder_ / "data", fs::perms::owner_all);
    EXPECT_EQ(state_as_nobody([&] { return read(); }), 2);
    fs::permissions(folder_ / "queue/pid", fs::perms::owner_all);
    EXPECT_EQ(state_as_nobody([&] { return read(); }), 2);
}

TEST_F(MasterStateTest, WithoutTheRightToOpenItTheKernelTellsThatMasterRuns) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root to become nobody";
    }
    write_pid(pid_file());
    fs::permissions(pid_file(), fs::perms::owner_read | fs::perms::owner_write);
    const auto held = lock(pid_file());
    ASSERT_EQ(::prctl(PR_SET_NAME, "master"), 0);
    EXPECT_EQ(state_as_nobody([&] { return read(); }), 0);
    ASSERT_EQ(::prctl(PR_SET_NAME, "other"), 0);
    EXPECT_EQ(state_as_nobody([&] { return read(); }), 2);
}

TEST(LockHolder, IsTheProcessWithAnExclusiveLockOnTheInode) {
    const std::string locks =
        "1: POSIX  ADVISORY  WRITE 100 fe:01:42 0 EOF\n"
        "2: FLOCK  ADVISORY  READ 101 fe:01:42 0 EOF\n"
        "3: FLOCK  ADVISORY  WRITE 102 fe:01:142 0 EOF\n"
        "4: FLOCK  ADVISORY  WRITE 4711 fe:01:42 0 EOF\n"
        "4: -> FLOCK  ADVISORY  WRITE 103 fe:01:43 0 EOF\n";
    EXPECT_EQ(parse_lock_holder(locks, 42), 4711);
    EXPECT_EQ(parse_lock_holder(locks, 43), std::nullopt);
    EXPECT_EQ(parse_lock_holder(locks, 2), std::nullopt);
    EXPECT_EQ(parse_lock_holder("", 42), std::nullopt);
    EXPECT_EQ(parse_lock_holder("4: FLOCK  ADVISORY  WRITE x fe:01:42", 42), std::nullopt);
}

TEST(StartTicks, AreThe22ndField) {
    EXPECT_EQ(parse_start_ticks("4711 (ma) s) ter) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
                                "123456 20 21\n"),
              123456);
    EXPECT_EQ(parse_start_ticks("4711 (master) S 1 2 3"), std::nullopt);
    EXPECT_EQ(parse_start_ticks("4711"), std::nullopt);
    EXPECT_EQ(parse_start_ticks(""), std::nullopt);
}

TEST(BootTime, IsTheBtimeLine) {
    EXPECT_EQ(parse_boot_time("cpu 1 2\nctxt 7\nbtime 1795000000\nprocesses 5\n"), 1795000000);
    EXPECT_EQ(parse_boot_time("cpu 1 2\nbtime x\n"), std::nullopt);
    EXPECT_EQ(parse_boot_time(""), std::nullopt);
}

}  // namespace
}  // namespace mail_relay
