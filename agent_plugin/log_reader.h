#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/line_blocks.h"
#include "agent_plugin/log_position.h"
#include "common/deadline.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

struct LogLimits {
    std::uint64_t first_bytes = 64U << 20U;  ///< how far from its end a log is begun
    Deadline deadline;                       ///< the rest comes in the next run
};

/// What one run read.
struct LogReading {
    bool complete = true;             ///< all there is was read
    std::uint64_t behind_bytes = 0;   ///< still to be read
    std::uint64_t skipped_bytes = 0;  ///< before the place where a first run began
    std::uint64_t gaps = 0;           ///< times that lines were gone before they were read
    Problems problems;
};

/// Gives the lines that were added to the log at `path` since `progress`, and moves it on. Files
/// that rotation put beside it are read to their ends first. Without progress a first run: lines
/// near the end alone. Every line comes once, a line without newline when it has one.
LogReading read_log(const FileTree &files, const std::string &path, LogProgress &progress,
                    const LogLimits &limits, std::int64_t now, const LineSink &sink);

}  // namespace mail_relay
