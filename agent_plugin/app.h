#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace mail_relay {

/// Looks up an environment variable; "" if it is not set.
using Environment = std::function<std::string(const char *)>;

/// The whole program. Returns its exit status: 0 whenever sections were printed, and for a host
/// without Postfix. A look that hangs is still at work when it returns: end the process at once.
int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err);

}  // namespace mail_relay
