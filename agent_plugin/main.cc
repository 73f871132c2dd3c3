#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "agent_plugin/app.h"
#include "common/secret.h"
#include "common/standard_streams.h"

int main(int argc, char **argv) {
    mail_relay::open_standard_streams();
    mail_relay::forbid_core_dumps();  // credentials pass by
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
