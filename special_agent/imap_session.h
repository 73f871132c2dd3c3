#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/failure.h"
#include "common/mail_session.h"
#include "special_agent/imap_reader.h"

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

/// IMAP behind the log-in: sends commands and reads answers strictly. After kLost nothing more can
/// be said.
class ImapSession {
  public:
    explicit ImapSession(MailSession &session) : session_(session) {}

    using OnReply = std::function<void(const ImapReply &)>;

    /// Sends one command, without tag and line end; `on_reply` gets what is answered before its
    /// end.
    ImapAnswer command(std::string_view text, const OnReply &on_reply, Deadline deadline);

    /// Messages in the open folder, as last told.
    std::uint64_t messages() const { return messages_; }

    /// Counts the messages that were told to have come, over all commands: grows even if as many
    /// have gone at the same time.
    std::uint64_t arrivals() const { return arrivals_; }

    bool is_lost() const { return lost_; }

    /// Text from the server fit for showing.
    std::string presentable(std::string_view text) const { return session_.presentable(text); }

    /// Says goodbye and does not wait.
    void log_out(Deadline deadline);

  private:
    ImapAnswer lost(std::string_view error);
    Result<ImapReply> next_reply(Deadline deadline);
    void note(const ImapReply &reply);

    MailSession &session_;
    ImapReader reader_;
    std::uint32_t last_tag_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t arrivals_ = 0;
    std::string farewell_;
    bool lost_ = false;
    std::string lost_because_;
};

/// What an answer that is not OK means. `what` was attempted: "UID SEARCH in INBOX".
Failure explain_answer(std::string_view phase, std::string_view what, const ImapAnswer &answer);

}  // namespace mail_relay::roundtrip
