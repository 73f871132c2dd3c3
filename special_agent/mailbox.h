#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mail_session.h"
#include "common/problem.h"

namespace mail_relay::roundtrip {

enum class FolderRole { kInbox, kJunk, kFurther };

/// How far a folder has been looked through. Kept between runs.
struct FolderPosition {
    std::string folder;
    std::uint32_t uid_validity = 0;
    std::uint32_t last_uid = 0;

    bool operator==(const FolderPosition &) const = default;
};

struct MailboxRequest {
    SessionRequest session;  ///< protocol IMAP
    std::string folder = "INBOX";
    std::string junk_folder;  ///< empty: the one marked \Junk
    std::vector<std::string> further_folders;
    bool delete_probes = false;
    std::string token_header;  ///< "X-Mail-Relay-Probe"
    std::string body_marker;  ///< what own mails have in the body if headers are stripped; or empty
    std::vector<FolderPosition> positions;
    std::optional<std::int64_t> search_since;  ///< Unix time; own mails of interest are not older

    /// Whether a token header's value (or a body) proves the mail to be one of this loop's own.
    std::function<bool(std::string_view)> is_own;
};

/// A mail of our own, found in a folder.
struct FoundMail {
    std::string folder;
    FolderRole role = FolderRole::kInbox;
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;
    std::string token_text;  ///< value of the token header, or the body that held the token
    std::optional<std::int64_t> internal_date;  ///< Unix time by the server's clock
    std::optional<std::int64_t> observed_ms;  ///< Unix time in ms by our clock: came while waiting
    std::string headers;  ///< Authentication-Results and Received fields as they stand, <= 32 KB
};

struct FolderObservation {
    std::string name;
    FolderRole role = FolderRole::kInbox;
    std::optional<std::uint64_t> messages;
    std::optional<bool> read_only;  ///< empty: only known after a SELECT, which deleting needs
    std::optional<std::string> error;
};

struct QuotaUse {
    std::uint64_t used = 0;  ///< bytes, or messages
    std::uint64_t limit = 0;
};

struct MailboxQuota {
    std::optional<QuotaUse> storage;
    std::optional<QuotaUse> messages;
};

struct DeletionObservation {
    std::uint64_t deleted = 0;
    std::uint64_t left = 0;
    std::optional<std::string> why_left;
};

struct MailboxObservation {
    SessionObservation session;  ///< its failure is that of the whole visit
    std::optional<double> select_s;
    std::optional<double> look_s;
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
    /// Connects and logs in.
    Mailbox(MailboxRequest request, Deadline deadline);
    ~Mailbox();
    Mailbox(const Mailbox &) = delete;
    Mailbox &operator=(const Mailbox &) = delete;

    /// Looks through what is new in all folders since the positions of the request.
    void collect(Deadline deadline);

    /// Looks again and again for `span`, or until `enough` says so after a mail was found.
    void wait(std::chrono::milliseconds span, const std::function<bool(const FoundMail &)> &enough,
              Deadline deadline);

    /// Deletes the found mails that `wanted` picks, if the request says so. Then logs out.
    void finish(const std::function<bool(const FoundMail &)> &wanted, Deadline deadline);

    const MailboxObservation &observation() const;

  private:
    class Visit;
    std::unique_ptr<Visit> visit_;
};

}  // namespace mail_relay::roundtrip
