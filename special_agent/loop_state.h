#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "common/unique_fd.h"
#include "special_agent/mailbox.h"
#include "special_agent/probe_ledger.h"

namespace mail_relay::roundtrip {

/// What a loop remembers between runs.
struct LoopState {
    ProbeLedger ledger;
    std::vector<FolderPosition> positions;
    std::optional<double>
        clock_offset_s;  ///< the mailbox's clock against ours, last time it showed
    /// The last submission and the last deliverability as JSON objects ready for their sections:
    /// they are repeated until there are newer ones. Empty: none yet.
    std::string submission;
    std::string deliverability;
};

/// The state as JSON, format 1.
std::string serialize_state(const LoopState &state);

/// Fails on anything but a complete state of a known format: a half state would lose probes.
Result<LoopState> parse_state(std::string_view text);

/// The state of one loop on disk, held alone from construction to destruction: a second run that
/// comes meanwhile waits for its turn and then finds what the first one did.
class StateFile {
  public:
    /// Waits for the lock at most until `deadline`.
    static Result<StateFile> lock(const std::string &directory, std::string_view loop,
                                  Deadline deadline);

    /// The state as the run that holds the file has left it until now; an empty one if it cannot be
    /// read.
    static LoopState peek(const std::string &directory, std::string_view loop);

    /// The state, or an empty one where there is none yet. A damaged file is set aside as
    /// "<file>.damaged", and `problem` says so.
    LoopState load(std::string &problem) const;

    /// Atomic: the old or the new state survives whatever happens.
    Result<void> save(const LoopState &state) const;

  private:
    StateFile(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    UniqueFd lock_;
};

}  // namespace mail_relay::roundtrip
