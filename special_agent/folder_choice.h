#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "special_agent/imap_commands.h"
#include "special_agent/own_mail_search.h"

namespace mail_relay::roundtrip {

enum class FolderRole { kInbox, kJunk, kFurther };

/// Which folders a mailbox is looked through in.
struct FolderWishes {
    std::string folder = "INBOX";
    std::string junk_folder;  ///< empty: the one marked \Junk
    std::vector<std::string> further_folders;
};

struct FolderObservation {
    std::string name;
    FolderRole role = FolderRole::kInbox;
    std::optional<std::uint64_t> messages;
    std::optional<bool> read_only;  ///< empty: only known after a SELECT, which deleting needs
    std::optional<std::string> error;
};

/// A folder that is looked through.
struct Folder {
    std::string wire_name;  ///< in IMAP's form
    ImapFolder state;       ///< when it was opened last
    std::optional<FolderPosition> position;
    FolderObservation observation;

    const std::string &name() const { return observation.name; }
    bool is_usable() const { return !observation.error; }
};

/// The folders to look through, each once, the inbox first, with their positions. A name that IMAP
/// cannot say is an error of its folder.
std::vector<Folder> choose_folders(const FolderWishes &wishes, const std::string &marked_junk,
                                   const std::vector<FolderPosition> &positions);

}  // namespace mail_relay::roundtrip
