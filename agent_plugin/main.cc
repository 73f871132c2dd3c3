#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "agent_plugin/app.h"
#include "common/secret.h"
#include "common/standard_streams.h"

namespace {

mail_relay::Terminal terminal() {
    mail_relay::Terminal found;
    found.is_one = ::isatty(STDOUT_FILENO) == 1;
    winsize size{};
    if (found.is_one && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        found.width = size.ws_col;
    }
    return found;
}

}  // namespace

int main(int argc, char **argv) {
    mail_relay::open_standard_streams();
    mail_relay::forbid_core_dumps();  // credentials pass by
    ::umask(S_IRWXG | S_IRWXO);
    (void)std::signal(SIGCHLD, SIG_DFL);  // an inherited SIG_IGN would hide how children end
    (void)std::signal(SIGPIPE, SIG_IGN);  // a relay that hangs up is an answer, not our end
    const auto environment = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    int status =
        mail_relay::run({argv + 1, argv + argc}, environment, std::cout, std::cerr, terminal());
    std::cout.flush();
    if (!std::cout && status == 0) {
        std::cerr << "mk_mail_relay: cannot write the output: is the device full?\n";
        status = EXIT_FAILURE;
    }
    std::_Exit(status);  // a look that hangs must not hold us
}
