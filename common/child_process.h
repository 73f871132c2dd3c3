#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"

namespace mail_relay {

/// What a child process said and how it ended.
struct ChildOutput {
    int exit_status = 0;
    std::string out;
    std::string err;
};

/// Overwrites the characters, then empties the string. For anything that may hold a secret.
void wipe(std::string &secret);

/// Runs `arguments[0]` (an absolute path; no shell, a clean environment of PATH, LC_ALL=C and
/// TZ=UTC, standard input from /dev/null) and collects at most `limit_bytes` of each output. A
/// child that is late or says more is killed with its process group; that, like a child ended by a
/// signal or one that cannot be started, is an Error. Any exit status is a success here.
Result<ChildOutput> run_child(const std::vector<std::string> &arguments, Deadline deadline,
                              std::size_t limit_bytes);

/// How the output of a child came to its end.
enum class StreamEnd {
    kComplete,
    kStopped,  ///< `take` wanted no more
    kLate,     ///< the deadline came first
};

/// Runs a program as run_child() does and gives its standard output to `take` piece by piece, for
/// as long as that answers true. An exit status other than 0 is an Error that repeats the first
/// words of standard error.
Result<StreamEnd> stream_child(const std::vector<std::string> &arguments, Deadline deadline,
                               const std::function<bool(std::string_view piece)> &take);

}  // namespace mail_relay
