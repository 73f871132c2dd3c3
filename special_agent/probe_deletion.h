#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "special_agent/imap_commands.h"

namespace mail_relay::roundtrip {

struct DeletionObservation {
    std::uint64_t deleted = 0;
    std::uint64_t left = 0;
    std::optional<std::string> why_left;  ///< of those left first
};

/// Own mails in one folder, as they were found.
struct MailsToDelete {
    std::string folder;     ///< for showing
    std::string wire_name;  ///< in IMAP's form
    std::uint32_t uid_validity = 0;
    std::vector<std::uint32_t> uids;
};

/// Deletes these mails and adds what came of it to `seen`. Without UIDPLUS (`can_expunge_uids`)
/// they stay: a plain EXPUNGE would also remove what others have marked. Empty if the folder could
/// not be opened for writing; else whether it is read-only.
std::optional<bool> delete_probes(ImapSession &imap, const MailsToDelete &mails,
                                  bool can_expunge_uids, DeletionObservation &seen,
                                  Deadline deadline);

}  // namespace mail_relay::roundtrip
