#include "common/child_process.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <utility>

#include "common/unique_fd.h"

namespace mail_relay {

namespace {

using std::chrono::milliseconds;

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return failed("cannot make a pipe: {}", std::strerror(errno));
    }
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    ::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

/// Owns what posix_spawn() is told to do with descriptors and signals.
class SpawnPlan {
  public:
    SpawnPlan(int out, int err) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        ::posix_spawn_file_actions_addchdir_np(&actions_, "/");

        sigset_t signals;
        ::posix_spawnattr_init(&attributes_);
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    SpawnPlan(const SpawnPlan &) = delete;
    SpawnPlan &operator=(const SpawnPlan &) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    Result<pid_t> spawn(const std::vector<std::string> &arguments) const {
        std::vector<char *> argv;
        argv.reserve(arguments.size() + 1);
        for (const auto &argument : arguments) {
            argv.push_back(const_cast<char *>(argument.c_str()));  // posix_spawn changes nothing
        }
        argv.push_back(nullptr);
        std::array<std::string, 3> variables{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                             "TZ=UTC"};
        const std::array<char *, 4> environment{variables[0].data(), variables[1].data(),
                                                variables[2].data(), nullptr};
        pid_t pid = -1;
        const int error =
            ::posix_spawn(&pid, argv[0], &actions_, &attributes_, argv.data(), environment.data());
        if (error != 0) {
            return failed("cannot run {}: {}", arguments[0], std::strerror(error));
        }
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// A running child in its own process group, which never outlives this object.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child() {
        if (!reaped_) {
            ::kill(-pid_, SIGKILL);
            // Not for ever: a child that hangs in the kernel cannot be reaped, only left to init.
            wait(Deadline::in(milliseconds(200)));
        }
    }

    /// The status of waitpid(2).
    Result<int> wait(Deadline deadline) {
        for (milliseconds pause(1);; pause = std::min(pause * 2, milliseconds(20))) {
            int status = 0;
            const pid_t changed = ::waitpid(pid_, &status, WNOHANG);
            if (changed == pid_) {
                reaped_ = true;
                return status;
            }
            if (changed < 0 && errno != EINTR) {
                reaped_ = true;
                return failed("cannot learn its exit status: {}", std::strerror(errno));
            }
            if (deadline.expired()) {
                return failed("no end within its time");
            }
            ::poll(nullptr, 0, static_cast<int>(std::min(pause, deadline.left()).count()));
        }
    }

  private:
    pid_t pid_;
    bool reaped_ = false;
};

/// Appends without leaving an old copy of a possible secret in freed memory.
void append(std::string &text, std::string_view more) {
    if (text.size() + more.size() > text.capacity()) {
        std::string larger;
        larger.reserve(2 * (text.size() + more.size()));
        larger = text;
        wipe(text);
        text.swap(larger);
    }
    text.append(more);
}

/// Takes over what one pipe holds; closes it at its end. False: more than the limit.
bool drain(UniqueFd &pipe, std::string &text, std::size_t limit_bytes) {
    std::array<char, 4096> buffer;  // NOLINT(*-member-init): read() fills it
    for (;;) {
        const ssize_t got = ::read(pipe.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            if (got == 0 || errno != EAGAIN) {
                pipe = UniqueFd();
            }
            break;
        }
        append(text, {buffer.data(), static_cast<std::size_t>(got)});
        if (text.size() > limit_bytes) {
            break;
        }
    }
    ::OPENSSL_cleanse(buffer.data(), buffer.size());
    return text.size() <= limit_bytes;
}

/// Reads both outputs to their ends.
Result<void> collect(UniqueFd &out, UniqueFd &err, ChildOutput &output, Deadline deadline,
                     std::size_t limit_bytes) {
    while (out || err) {
        std::array<pollfd, 2> ready{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
        const auto left = deadline.left();
        if (left == milliseconds::zero()) {
            return failed("no end within its time");
        }
        if (::poll(ready.data(), ready.size(), static_cast<int>(left.count())) < 0 &&
            errno != EINTR) {
            return failed("cannot wait for its output: {}", std::strerror(errno));
        }
        const bool within_limit = (ready[0].revents == 0 || drain(out, output.out, limit_bytes)) &&
                                  (ready[1].revents == 0 || drain(err, output.err, limit_bytes));
        if (!within_limit) {
            return failed("more than {} bytes of output", limit_bytes);
        }
    }
    return {};
}

Result<int> exit_status(int status) {
    if (WIFSIGNALED(status)) {
        return failed("ended by signal {}", WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}

Result<int> follow(Child &child, Pipe &out, Pipe &err, ChildOutput &output, Deadline deadline,
                   std::size_t limit_bytes) {
    const auto collected = collect(out.reading, err.reading, output, deadline, limit_bytes);
    if (!collected) {
        return collected.error();
    }
    const auto status = child.wait(deadline);
    return status ? exit_status(*status) : status;
}

/// Gives pieces of output away until its end. What is said on standard error is kept in part.
Result<StreamEnd> stream(Pipe &out, Pipe &err, std::string &complaint, Deadline deadline,
                         const std::function<bool(std::string_view)> &take) {
    constexpr std::size_t kLongestComplaint = 200;
    std::array<char, 65536> buffer{};
    while (out.reading || err.reading) {
        std::array<pollfd, 2> ready{pollfd{out.reading.get(), POLLIN, 0},
                                    pollfd{err.reading.get(), POLLIN, 0}};
        const auto left = deadline.left();
        if (left == milliseconds::zero()) {
            return StreamEnd::kLate;
        }
        if (::poll(ready.data(), ready.size(), static_cast<int>(left.count())) < 0 &&
            errno != EINTR) {
            return failed("cannot wait for its output: {}", std::strerror(errno));
        }
        for (std::size_t i = 0; i < ready.size(); ++i) {
            UniqueFd &pipe = i == 0 ? out.reading : err.reading;
            if (ready.at(i).revents == 0) {
                continue;
            }
            const ssize_t got = ::read(pipe.get(), buffer.data(), buffer.size());
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
                pipe = UniqueFd();
            } else if (got > 0) {
                const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
                if (i == 1) {
                    complaint.append(piece.substr(
                        0, kLongestComplaint - std::min(kLongestComplaint, complaint.size())));
                } else if (!take(piece)) {
                    return StreamEnd::kStopped;
                }
            }
        }
    }
    return StreamEnd::kComplete;
}

}  // namespace

void wipe(std::string &secret) {
    secret.resize(secret.capacity());
    ::OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

Result<ChildOutput> run_child(const std::vector<std::string> &arguments, Deadline deadline,
                              std::size_t limit_bytes) {
    if (arguments.empty() || !arguments[0].starts_with('/')) {
        return failed("cannot run {}: not an absolute path",
                      arguments.empty() ? std::string() : arguments[0]);
    }
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) {
        return out ? err.error() : out.error();
    }
    const auto pid = SpawnPlan(out->writing.get(), err->writing.get()).spawn(arguments);
    if (!pid) {
        return pid.error();
    }
    out->writing = UniqueFd();
    err->writing = UniqueFd();
    Child child(*pid);
    ChildOutput output;
    const auto status = follow(child, *out, *err, output, deadline, limit_bytes);
    if (!status) {
        wipe(output.out);
        wipe(output.err);
        return failed("{}: {}", arguments[0], status.error().message());
    }
    output.exit_status = *status;
    return output;
}

Result<StreamEnd> stream_child(const std::vector<std::string> &arguments, Deadline deadline,
                               const std::function<bool(std::string_view piece)> &take) {
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) {
        return out ? err.error() : out.error();
    }
    const auto pid = SpawnPlan(out->writing.get(), err->writing.get()).spawn(arguments);
    if (!pid) {
        return pid.error();
    }
    out->writing = UniqueFd();
    err->writing = UniqueFd();
    Child child(*pid);
    std::string complaint;
    const auto end = stream(*out, *err, complaint, deadline, take);
    if (!end) {
        return failed("{}: {}", arguments[0], end.error().message());
    }
    if (*end != StreamEnd::kComplete) {
        return *end;
    }
    const auto ended = child.wait(deadline);
    const auto status = ended ? exit_status(*ended) : ended;
    if (!status || *status != 0) {
        return failed("{}: {}{}{}", arguments[0],
                      status ? fmt::format("exit status {}", *status) : status.error().message(),
                      complaint.empty() ? "" : ": ", complaint);
    }
    return *end;
}

}  // namespace mail_relay
