#include "common/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/common/refused_call.h"

namespace mail_relay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr std::size_t kLimit = 100000;

Result<ChildOutput> shell(const std::string &script, milliseconds span = seconds(20),
                          std::size_t limit = kLimit) {
    return run_child({"/bin/sh", "-c", script}, Deadline::in(span), limit);
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos;
         start = end + 1) {
        lines.push_back(text.substr(start, end - start));
    }
    return lines;
}

TEST(ChildProcess, CollectsBothOutputsAndTheExitStatus) {
    const auto output = shell("echo out; echo err >&2; exit 3");
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->out, "out\n");
    EXPECT_EQ(output->err, "err\n");
    EXPECT_EQ(output->exit_status, 3);
}

TEST(ChildProcess, ReadsMoreThanAPipeHolds) {
    const auto output = shell("head -c 90000 /dev/zero; head -c 90000 /dev/zero >&2");
    ASSERT_TRUE(output) << output.error().message();
    EXPECT_EQ(output->out.size(), 90000U);
    EXPECT_EQ(output->err.size(), 90000U);
}

TEST(ChildProcess, PassesArgumentsWithoutAShell) {
    const auto output =
        run_child({"/bin/echo", "$HOME; *", "a b"}, Deadline::in(seconds(20)), kLimit);
    ASSERT_TRUE(output);
    EXPECT_EQ(output->out, "$HOME; * a b\n");
}

TEST(ChildProcess, TheEnvironmentIsCleanAndStandardInputEmpty) {
    ::setenv("MAIL_CONFIG", "/tmp/forged", 1);
    const auto output = run_child({"/usr/bin/env"}, Deadline::in(seconds(20)), kLimit);
    ::unsetenv("MAIL_CONFIG");
    ASSERT_TRUE(output);
    EXPECT_THAT(lines_of(output->out),
                UnorderedElementsAre("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"));
    EXPECT_EQ(shell("cat; pwd")->out, "/\n");
}

TEST(ChildProcess, AChildInheritsNoOtherDescriptor) {
    const int leaked = ::fcntl(STDERR_FILENO, F_DUPFD, 100);  // without O_CLOEXEC
    const auto output = shell("ls /proc/self/fd | grep -cx " + std::to_string(leaked));
    ::close(leaked);
    ASSERT_TRUE(output);
    EXPECT_EQ(output->out, "0\n");
}

// Before Linux 5.9 (Red Hat 8, Ubuntu 20.04) the C library reads /proc/self/fd instead, which is
// root's in a process that leaves no core dump.
TEST(ChildProcess, OldKernelsStartChildrenForEverybodyToo) {
    const int leaked = ::fcntl(STDERR_FILENO, F_DUPFD, 200);  // deliberately without O_CLOEXEC
    EXPECT_TRUE(holds_in_child([&] {
        constexpr uid_t kNobody = 65534;
        const bool is_nobody =
            ::geteuid() != 0 || (::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
        const bool ready =
            is_nobody && refuse_call(SYS_close_range, ENOSYS) && ::prctl(PR_SET_DUMPABLE, 0) == 0;
        const auto output = shell("ls /proc/self/fd | grep -cx " + std::to_string(leaked));
        return ready && output && output->out == "0\n";
    }));
    ::close(leaked);
}

TEST(ChildProcess, ALateChildIsKilledWithAllItsDescendants) {
    const auto output = shell("sleep 600 & echo $!; sleep 600", milliseconds(200));
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().message(), "/bin/sh: no end within its time");

    const auto escape = shell("echo $$ >&2; exec sleep 600 >&- 2>&-", milliseconds(300));
    ASSERT_FALSE(escape) << "closing its outputs is not an end";
    EXPECT_THAT(escape.error().message(), HasSubstr("no end within its time"));
}

TEST(ChildProcess, NothingOfAKilledGroupLivesOn) {
    std::string name = "/tmp/child_process_XXXXXX";
    const int file = ::mkstemp(name.data());
    ASSERT_FALSE(shell("sleep 600 & echo $! >" + name + "; wait", milliseconds(300)));
    std::string pid(20, '\0');
    const ssize_t length = ::read(file, pid.data(), pid.size());
    ::close(file);
    ::unlink(name.c_str());
    ASSERT_GT(length, 0);
    // A killed process may stay a zombie until its new parent reaps it.
    const auto state =
        shell("grep -s State: /proc/" + pid.substr(0, pid.find('\n')) + "/status | grep -v Z");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->out, "");
}

TEST(ChildProcess, AChildThatSaysTooMuchIsKilled) {
    const auto output = shell("cat /dev/zero", seconds(20), 1000);
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().message(), "/bin/sh: more than 1000 bytes of output");
    EXPECT_FALSE(shell("cat /dev/zero >&2", seconds(20), 1000));
}

TEST(ChildProcess, ASignalIsAnError) {
    const auto output = shell("kill -SEGV $$");
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().message(), "/bin/sh: ended by signal 11");
}

TEST(ChildProcess, WhatCannotBeStartedIsAnError) {
    const auto deadline = Deadline::in(seconds(20));
    EXPECT_EQ(run_child({"/none/postconf"}, deadline, kLimit).error().message(),
              "cannot run /none/postconf: No such file or directory");
    EXPECT_EQ(run_child({"/etc/passwd"}, deadline, kLimit).error().message(),
              "cannot run /etc/passwd: Permission denied");
    EXPECT_EQ(run_child({"postconf"}, deadline, kLimit).error().message(),
              "cannot run postconf: not an absolute path");
    EXPECT_FALSE(run_child({}, deadline, kLimit));
}

TEST(ChildProcess, WipeOverwritesWhatWasThere) {
    std::string secret = "password-longer-than-the-inline-buffer";
    const char *where = secret.data();
    const std::size_t size = secret.size();
    wipe(secret);
    EXPECT_TRUE(secret.empty());
    ASSERT_EQ(secret.data(), where);
    EXPECT_EQ(std::string(where, size), std::string(size, '\0'));
}

}  // namespace
}  // namespace mail_relay
