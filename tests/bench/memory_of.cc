// What memory a command takes: memory_of COMMAND [ARGUMENT...]
// Prints, in kB, the most that all its processes alive at one time had together: all memory, and
// what of it is no part of a file, which only swapping could take back. A page that n processes
// share counts as 1/n (proportional set size). Looks every millisecond, and thereby slows the
// command down: its time is for cost_of to tell.

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

namespace {

constexpr useconds_t kBetweenLooks = 1000;

/// 0 for what is no number.
pid_t to_process(const char *text) {
    return static_cast<pid_t>(std::strtol(text, nullptr, 10));
}

/// From the status of a process, which may end meanwhile: 0.
pid_t parent_of(const std::string &process) {
    std::ifstream file("/proc/" + process + "/stat");
    std::stringstream text;
    text << file.rdbuf();
    // The name, in brackets, may hold anything.
    const auto name_end = text.str().rfind(") ");
    return name_end == std::string::npos ? 0 : to_process(text.str().c_str() + name_end + 4);
}

struct Memory {
    long all_kb = 0;
    long anonymous_kb = 0;
};

void add_memory_of(pid_t process, Memory &sum) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::string name;
    long value = 0;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        words >> name >> value;
        sum.all_kb += name == "Pss:" ? value : 0;
        sum.anonymous_kb += name == "Pss_Anon:" ? value : 0;
    }
}

std::map<pid_t, pid_t> parents() {
    std::map<pid_t, pid_t> found;
    const std::unique_ptr<DIR, int (*)(DIR *)> folder(::opendir("/proc"), ::closedir);
    while (const dirent *entry = ::readdir(folder.get())) {
        if (const pid_t process = to_process(entry->d_name); process > 0) {
            found[process] = parent_of(entry->d_name);
        }
    }
    return found;
}

/// Of all that descend from this process.
Memory memory_of_descendants() {
    const auto parent = parents();
    Memory sum;
    for (const auto &[process, unused] : parent) {
        auto ancestor = parent.find(process);
        while (ancestor != parent.end() && ancestor->second != ::getpid()) {
            ancestor = parent.find(ancestor->second);
        }
        if (ancestor != parent.end()) {
            add_memory_of(process, sum);
        }
    }
    return sum;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::fputs("usage: memory_of COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // whoever loses its parent is still a descendant
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        posix_spawn_file_actions_addopen(&streams, stream, "/dev/null", O_RDWR, 0);
    }
    pid_t child = 0;
    if (posix_spawnp(&child, argv[1], &streams, nullptr, argv + 1, environ) != 0) {
        std::perror(argv[1]);
        return 127;
    }
    Memory peak;
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        const auto now = memory_of_descendants();
        peak = {std::max(peak.all_kb, now.all_kb), std::max(peak.anonymous_kb, now.anonymous_kb)};
        ::usleep(kBetweenLooks);
    }
    std::printf("%ld %ld\n", peak.all_kb, peak.anonymous_kb);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
