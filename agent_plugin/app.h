#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace mail_relay {

/// Looks up an environment variable; "" if it is not set.
using Environment = std::function<std::string(const char *)>;

/// Where a report for a person is shown.
struct Terminal {
    bool is_one = false;  ///< standard output is a terminal
    std::size_t width = 80;
};

/// The whole program. Returns its exit status: 0 whenever sections were printed, and for a host
/// without Postfix; that of the doctor's report (DoctorReport::exit_status()). A look that hangs is
/// still at work when it returns: end the process at once.
int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err, const Terminal &terminal = {});

}  // namespace mail_relay
