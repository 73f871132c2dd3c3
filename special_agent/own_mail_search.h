#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/failure.h"
#include "special_agent/imap_commands.h"

namespace mail_relay::roundtrip {

/// How far a folder has been looked through. Kept between runs.
struct FolderPosition {
    std::string folder;
    std::uint32_t uid_validity = 0;
    std::uint32_t last_uid = 0;

    bool operator==(const FolderPosition &) const = default;
};

/// How own mails are told from others.
struct OwnMark {
    std::string token_header;  ///< "X-Mail-Relay-Probe"
    std::string body_marker;   ///< what stands in their body if headers are stripped; or empty
    std::optional<std::int64_t> search_since;  ///< Unix time; own mails of interest are not older

    /// Whether a token header's value (or a body) proves the mail to be one's own.
    std::function<bool(std::string_view)> is_own;
};

/// A mail of our own in the open folder.
struct OwnMail {
    std::uint32_t uid = 0;
    std::optional<std::int64_t> internal_date;  ///< Unix time by the server's clock
    std::string token_text;  ///< value of the token header, or the body that held the token
    std::string headers;     ///< Authentication-Results and Received fields as they stand, <= 32 KB
};

/// Finds own mails among what is new in the open folder. The work grows with new mail, not with the
/// mailbox; of other people's mail only the header that would carry the token is read.
class OwnMailSearch {
  public:
    OwnMailSearch(ImapSession &imap, const OwnMark &mark) : imap_(imap), mark_(mark) {}

    /// Adds what came behind `position` (empty, or of another UIDVALIDITY: what the server finds by
    /// the header) and moves it on. At most the newest 1000 candidates are looked at, and the
    /// newest 200 own ones returned.
    std::optional<Failure> find(const ImapFolder &folder, std::optional<FolderPosition> &position,
                                std::vector<OwnMail> &own, Deadline deadline);

  private:
    std::optional<Failure> find_by_header(const ImapFolder &folder, Deadline deadline);
    std::optional<Failure> find_behind(std::uint32_t last_uid, const ImapFolder &folder,
                                       Deadline deadline);
    std::optional<Failure> find_by_body(std::uint32_t last_uid, Deadline deadline);
    bool is_found(std::uint32_t uid) const;
    std::optional<Failure> search_for(std::string_view criteria, std::vector<std::uint32_t> &uids,
                                      Deadline deadline);
    std::optional<Failure> fetch_section(std::string_view set, std::string_view section,
                                         const std::function<void(ImapMessage)> &on_message,
                                         Deadline deadline);
    std::optional<Failure> fetch_tokens(std::string_view set, Deadline deadline);
    std::optional<Failure> fetch_tokens_of(const std::vector<std::uint32_t> &uids,
                                           Deadline deadline);
    std::optional<Failure> fetch_headers(Deadline deadline);

    ImapSession &imap_;
    const OwnMark &mark_;
    std::vector<OwnMail> found_;
    std::uint32_t highest_uid_ = 0;
    bool without_token_ = false;  // some mail had no such header
};

}  // namespace mail_relay::roundtrip
