#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "agent_plugin/app.h"

namespace {

/// Descriptors 0 to 2 must be open, or the next file opened becomes one of them.
void open_standard_streams() {
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    ::close(fd);
}

/// Credentials pass by: no core file may hold them.
void forbid_core_dumps() {
    const struct rlimit none { 0, 0 };
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);  // a core that is piped to a program ignores the limit
}

}  // namespace

int main(int argc, char **argv) {
    open_standard_streams();
    forbid_core_dumps();
    ::umask(S_IRWXG | S_IRWXO);
    (void)std::signal(SIGCHLD, SIG_DFL);  // an inherited SIG_IGN would hide how children end
    const auto environment = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    const int status = mail_relay::run({argv + 1, argv + argc}, environment, std::cout, std::cerr);
    std::cout.flush();
    std::_Exit(status);  // a look that hangs must not hold us
}
