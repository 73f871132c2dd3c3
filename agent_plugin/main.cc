#include <sys/prctl.h>

#include <cstdlib>
#include <iostream>

#include "agent_plugin/app.h"

int main(int argc, char **argv) {
    ::prctl(PR_SET_DUMPABLE, 0);  // credentials pass by: no core dump
    const auto environment = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    const int status = mail_relay::run({argv + 1, argv + argc}, environment, std::cout, std::cerr);
    std::cout.flush();
    std::_Exit(status);  // a look that hangs must not hold us
}
