#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mail_session.h"
#include "special_agent/imap_reply.h"

namespace mail_relay::roundtrip {

/// How a command ended.
struct ImapAnswer {
    enum class Kind { kOk, kNo, kBad, kLost };

    Kind kind = Kind::kLost;
    std::string code;   ///< "READ-ONLY", "UIDVALIDITY 7"
    std::string words;  ///< the server's, fit for showing; for kLost of its BYE, if it said one
    std::string error;  ///< kLost: why

    bool ok() const { return kind == Kind::kOk; }
};

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

/// IMAP behind the log-in: sends commands and reads answers strictly. After kLost nothing more can
/// be said.
class ImapSession {
  public:
    explicit ImapSession(MailSession &session) : session_(session) {}

    using OnReply = std::function<void(const ImapReply &)>;

    /// Sends one command, without tag and line end; `on_reply` gets what is answered before its
    /// end.
    ImapAnswer command(std::string_view text, const OnReply &on_reply, Deadline deadline);

    /// EXAMINE or SELECT. `name` is in IMAP's form, as in what follows.
    ImapAnswer open_folder(std::string_view verb, std::string_view name, ImapFolder &folder,
                           Deadline deadline);
    ImapAnswer ask_status(std::string_view name, ImapFolder &folder, Deadline deadline);

    /// UID SEARCH: the numbers found, at most `ImapReader::kMostValues`.
    ImapAnswer search(std::string_view criteria, std::vector<std::uint32_t> &uids,
                      Deadline deadline);

    /// UID FETCH of date and one section of the messages in `set` ("7:*", "3,9").
    ImapAnswer fetch(std::string_view set, std::string_view section,
                     const std::function<void(ImapMessage)> &on_message, Deadline deadline);

    /// Messages in the open folder, as last told.
    std::uint64_t messages() const { return messages_; }

    /// Says goodbye and does not wait.
    void log_out(Deadline deadline);

  private:
    ImapAnswer lost(std::string_view error) const;
    Result<ImapReply> next_reply(Deadline deadline);
    void note(const ImapReply &reply);

    MailSession &session_;
    ImapReader reader_;
    std::uint32_t last_tag_ = 0;
    std::uint64_t messages_ = 0;
    std::string farewell_;
    bool lost_ = false;
};

/// "1,5,7": a set of message numbers.
std::string imap_set(const std::vector<std::uint32_t> &uids);

}  // namespace mail_relay::roundtrip
