#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "special_agent/imap_session.h"

namespace mail_relay::roundtrip {

/// What a folder says of itself when it is opened or asked for its status.
struct ImapFolder {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 0;  ///< 0: not told
    std::uint64_t messages = 0;
    bool read_only = false;
};

/// A message as far as it was asked for.
struct ImapMessage {
    std::uint32_t uid = 0;
    std::optional<std::int64_t> internal_date;  ///< Unix time
    std::string body;                           ///< the section asked for
};

struct QuotaUse {
    std::uint64_t used = 0;  ///< bytes, or messages
    std::uint64_t limit = 0;
};

struct MailboxQuota {
    std::optional<QuotaUse> storage;
    std::optional<QuotaUse> messages;
};

// The commands. Names of folders are in IMAP's form. What a refused command tells stays as it was.

/// CAPABILITY, upper case, without AUTH=...
ImapAnswer ask_capabilities(ImapSession &imap, std::vector<std::string> &capabilities,
                            Deadline deadline);

/// The folder marked with this special use ("\Junk"); as it was when there is none. `extended`: the
/// server can list the marked ones alone.
ImapAnswer find_special_folder(ImapSession &imap, std::string_view use, bool extended,
                               std::string &name, Deadline deadline);

/// EXAMINE or SELECT.
ImapAnswer open_folder(ImapSession &imap, std::string_view verb, std::string_view name,
                       ImapFolder &folder, Deadline deadline);

ImapAnswer ask_status(ImapSession &imap, std::string_view name, ImapFolder &folder,
                      Deadline deadline);

/// UID SEARCH: the numbers found, ascending, at most `ImapLimits::kValues`.
ImapAnswer search(ImapSession &imap, std::string_view criteria, std::vector<std::uint32_t> &uids,
                  Deadline deadline);

/// UID FETCH of date and one section of the messages in `set` ("7:*", "3,9"), without marking them
/// as read.
ImapAnswer fetch(ImapSession &imap, std::string_view set, std::string_view section,
                 const std::function<void(ImapMessage)> &on_message, Deadline deadline);

/// GETQUOTAROOT of a folder.
ImapAnswer ask_quota(ImapSession &imap, std::string_view name, std::optional<MailboxQuota> &quota,
                     Deadline deadline);

/// Deletes these messages of the selected folder and no others: needs UIDPLUS.
ImapAnswer delete_messages(ImapSession &imap, const std::vector<std::uint32_t> &uids,
                           Deadline deadline);

/// "1,5,7": a set of message numbers.
std::string imap_set(const std::vector<std::uint32_t> &uids);

}  // namespace mail_relay::roundtrip
