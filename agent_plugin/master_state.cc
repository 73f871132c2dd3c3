#include "agent_plugin/master_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace mail_relay {

namespace {

constexpr std::size_t kProcLimit = 4 << 20U;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::string_view take_word(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

enum class Lock { kHeld, kFree, kMissing, kUnknown };

struct LockTest {
    Lock lock = Lock::kUnknown;
    std::string content;  ///< of the file, if the lock is held
    std::string error;    ///< why it is unknown
};

LockTest test_lock(const FileTree &files, const std::string &path) {
    const auto found = files.find(path, FollowLinks::kNo);
    if (found && !*found) {
        return {Lock::kMissing, "", ""};
    }
    const auto file = files.open(path, O_RDONLY, FollowLinks::kNo);
    if (!file) {
        return {Lock::kUnknown, "", file.error().message()};
    }
    // A shared lock of a moment: what master asks for in vain is an exclusive one.
    if (::flock(file->get(), LOCK_SH | LOCK_NB) == 0) {
        return {Lock::kFree, "", ""};
    }
    if (errno != EWOULDBLOCK) {
        return {Lock::kUnknown, "",
                fmt::format("cannot test the lock of {}: {}", path, std::strerror(errno))};
    }
    std::array<char, 64> content{};
    const ssize_t length = ::pread(file->get(), content.data(), content.size(), 0);
    return {Lock::kHeld,
            std::string(content.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))),
            ""};
}

/// By the kernel's own list, which everybody may read: who holds the lock of a file.
std::optional<std::int64_t> lock_holder(const FileTree &files, const std::string &path) {
    const auto status = files.status(path, FollowLinks::kNo);
    const auto locks = FileTree().read("/proc/locks", kProcLimit);
    if (!status || !locks) {
        return std::nullopt;
    }
    const auto holder = parse_lock_holder(*locks, status->st_ino);
    // Inodes are unique to a file system only.
    const auto name = holder ? FileTree().read(fmt::format("/proc/{}/comm", *holder), kProcLimit)
                             : failed("no holder");
    return name && *name == "master\n" ? holder : std::nullopt;
}

Result<std::int64_t> start_time(std::int64_t pid) {
    const FileTree here;
    const auto process = here.read(fmt::format("/proc/{}/stat", pid), kProcLimit);
    if (!process) {
        return process.error();
    }
    const auto kernel = here.read("/proc/stat", kProcLimit);
    if (!kernel) {
        return kernel.error();
    }
    const auto ticks = parse_start_ticks(*process);
    const auto boot = parse_boot_time(*kernel);
    if (!ticks || !boot) {
        return failed("cannot understand /proc/{}/stat or /proc/stat", pid);
    }
    return *boot + *ticks / ::sysconf(_SC_CLK_TCK);
}

void set_running(std::optional<std::int64_t> pid, bool is_this_host, MasterState &state) {
    state.running = true;
    if (!pid) {
        state.problems.push_back({"pid", "master.pid holds no process number"});
        state.problems.push_back({"started", "the process number is not known"});
        return;
    }
    state.pid = pid;
    const auto started =
        is_this_host ? start_time(*pid) : failed("its process is not one of the examined tree");
    if (started) {
        state.started = *started;
    } else {
        state.problems.push_back({"started", started.error().message()});
    }
}

std::optional<std::int64_t> parse_pid(std::string_view content) {
    content.remove_prefix(std::min(content.find_first_not_of(' '), content.size()));
    return parse_number<std::int64_t>(content);
}

}  // namespace

MasterState read_master_state(const FileTree &files, const std::string &queue_directory,
                              const std::string &data_directory) {
    MasterState state;
    if (queue_directory.empty()) {
        state.problems.push_back({"running", "queue_directory is not known"});
        return state;
    }
    const std::string pid_file = queue_directory + "/pid/master.pid";
    const auto by_pid_file = test_lock(files, pid_file);
    if (by_pid_file.lock == Lock::kHeld) {
        set_running(parse_pid(by_pid_file.content), files.is_this_host(), state);
        return state;
    }
    if (by_pid_file.lock == Lock::kUnknown) {
        if (const auto holder = lock_holder(files, pid_file)) {
            set_running(holder, files.is_this_host(), state);
        } else {
            state.problems.push_back({"running", by_pid_file.error});
        }
        return state;
    }
    // The pid file may have been replaced or removed under a running master.
    const auto by_data_lock = test_lock(files, data_directory + "/master.lock");
    if (by_data_lock.lock == Lock::kHeld) {
        set_running(parse_pid(by_data_lock.content), files.is_this_host(), state);
    } else if (!files.is_this_host()) {
        state.problems.push_back({"running", "no process of this host uses the examined tree"});
    } else if (by_data_lock.lock == Lock::kUnknown && by_pid_file.lock == Lock::kMissing) {
        state.problems.push_back({"running", by_data_lock.error});
    } else if (!files.exists(queue_directory)) {
        state.problems.push_back(
            {"running", fmt::format("the queue directory {} does not exist", queue_directory)});
    } else {
        state.running = false;
    }
    return state;
}

std::optional<std::int64_t> parse_lock_holder(std::string_view locks, std::uint64_t inode) {
    // "12: FLOCK  ADVISORY  WRITE 4711 fe:01:131090 0 EOF"; waiting ones have "->" after "12:".
    const std::string wanted = fmt::format(":{}", inode);
    while (!locks.empty()) {
        const auto end = std::min(locks.find('\n'), locks.size());
        std::string_view line = locks.substr(0, end);
        locks.remove_prefix(std::min(end + 1, locks.size()));
        take_word(line);
        const bool is_flock = take_word(line) == "FLOCK";
        take_word(line);
        const bool is_exclusive = take_word(line) == "WRITE";
        const auto pid = parse_number<std::int64_t>(take_word(line));
        if (is_flock && is_exclusive && pid && take_word(line).ends_with(wanted)) {
            return pid;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_start_ticks(std::string_view stat) {
    // The second field, a name in parentheses, may hold anything; the 22nd is the start.
    const auto name_end = stat.rfind(')');
    if (name_end == std::string_view::npos) {
        return std::nullopt;
    }
    stat.remove_prefix(name_end + 1);
    std::string_view word;
    for (int field = 3; field <= 22; ++field) {
        word = take_word(stat);
    }
    return parse_number<std::int64_t>(word);
}

std::optional<std::int64_t> parse_boot_time(std::string_view stat) {
    constexpr std::string_view kLabel = "\nbtime ";
    const auto start = stat.find(kLabel);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    return parse_number<std::int64_t>(stat.substr(start + kLabel.size()));
}

}  // namespace mail_relay
