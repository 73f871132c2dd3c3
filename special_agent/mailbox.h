#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mail_session.h"
#include "common/problem.h"
#include "special_agent/folder_choice.h"
#include "special_agent/own_mail_search.h"
#include "special_agent/probe_deletion.h"

namespace mail_relay::roundtrip {

struct MailboxRequest {
    SessionRequest session;  ///< protocol IMAP
    FolderWishes folders;
    bool delete_probes = false;
    OwnMark mark;
    std::vector<FolderPosition> positions;   ///< of the last run
    std::function<std::int64_t()> clock_ms;  ///< Unix time in ms by our own clock
};

/// A mail of our own, found in a folder.
struct FoundMail : OwnMail {
    std::string folder;
    FolderRole role = FolderRole::kInbox;
    std::uint32_t uid_validity = 0;
    std::optional<std::int64_t> observed_ms;  ///< Unix time in ms by our clock: came while waiting
};

struct MailboxObservation {
    SessionObservation session;  ///< its failure is that of the whole visit
    std::optional<double> select_s;
    std::optional<double> look_s;
    std::optional<double> wait_s;  ///< empty: nothing was sent that could be waited for
    std::vector<FolderObservation> folders;
    std::vector<FoundMail> found;
    std::vector<FolderPosition> positions;        ///< to be kept for the next run
    std::optional<MailboxQuota> quota;            ///< empty: the server tells none
    std::optional<DeletionObservation> deletion;  ///< empty: not asked for
    std::optional<double> clock_offset_s;  ///< server minus own clock, from mails seen arriving
    Problems problems;
};

/// A visit to a mailbox in steps, so that the caller can send the probe between them. After a
/// failure every further step does nothing.
class Mailbox {
  public:
    using IsAwaited = std::function<bool(const FoundMail &)>;

    /// Connects and logs in.
    Mailbox(MailboxRequest request, Deadline deadline);
    Mailbox(const Mailbox &) = delete;
    Mailbox &operator=(const Mailbox &) = delete;

    /// Looks through what is new in all folders since the positions of the request.
    void collect(Deadline deadline);

    /// Looks again and again for `span`, or until `is_awaited` says so of a mail that was found:
    /// the one sent just now.
    void wait(std::chrono::milliseconds span, const IsAwaited &is_awaited, Deadline deadline);

    /// Deletes the found mails, if the request says so.
    void delete_found(Deadline deadline);

    void log_out(Deadline deadline) { imap_.log_out(deadline); }

    const std::vector<FoundMail> &found() const { return seen_.found; }
    std::optional<double> clock_offset_s() const { return seen_.clock_offset_s; }
    MailboxObservation observation() const;

  private:
    using Clock = std::chrono::steady_clock;

    bool is_over() const { return seen_.session.failure.has_value(); }
    bool can(std::string_view capability) const;
    void ask_for_capabilities(Deadline deadline);
    std::string find_junk_folder(Deadline deadline);
    bool open(Folder &folder, Deadline deadline);
    bool open_inbox(Deadline deadline);
    bool look(Folder &folder, Deadline deadline);
    bool look_elsewhere(Deadline deadline);
    bool look_at_news(Deadline deadline);
    bool judge_news(std::size_t &judged, Clock::time_point previous_look,
                    const IsAwaited &is_awaited);
    void ask_for_quota(Deadline deadline);
    bool accept(std::string_view phase, std::string_view what, const ImapAnswer &answer);
    bool accept(std::optional<Failure> failure);
    bool accept(std::optional<Failure> failure, Folder &folder);

    MailboxRequest request_;
    Clock::time_point begin_ = Clock::now();
    MailSession session_;
    ImapSession imap_;
    OwnMailSearch search_;
    MailboxObservation seen_;
    std::vector<Folder> folders_;   // the inbox first
    const Folder *open_ = nullptr;  // of folders_
    std::uint64_t arrivals_ = 0;    // told while this folder was open, when it was looked at last
    std::int64_t news_ms_ = 0;      // our clock when the server last told whether there is news
    Clock::time_point last_look_{};
};

}  // namespace mail_relay::roundtrip
