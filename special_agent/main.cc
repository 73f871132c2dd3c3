#include <malloc.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "common/standard_streams.h"
#include "special_agent/app.h"

int main(int argc, char **argv) {
    mail_relay::open_standard_streams();
    // The threads of the loops wait more than they allocate: pools of their own would cost each of
    // them some hundred kilobytes.
    ::mallopt(M_ARENA_MAX, 1);
    ::umask(S_IRWXG | S_IRWXO);
    (void)std::signal(SIGPIPE, SIG_IGN);  // a server that hangs up is an answer, not our end
    const auto environment = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    const int status =
        mail_relay::roundtrip::run({argv + 1, argv + argc}, environment, std::cout, std::cerr);
    std::cout.flush();
    std::_Exit(status);  // a loop that hangs must not hold us
}
