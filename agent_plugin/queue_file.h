#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mail_relay {

/// What the records before a message's content say. Views lead into the bytes that were parsed.
/// Source: Postfix src/global/rec_type.h, src/global/record.c.
struct QueueFileHead {
    static constexpr std::size_t kMostDomains = 3;

    std::optional<std::int64_t> arrival;         ///< unix seconds, record T
    std::optional<std::uint64_t> content_bytes;  ///< record C, as postqueue shows it
    std::uint64_t recipients = 0;                ///< record C; 0 when unknown
    std::optional<std::string_view> sender;      ///< record S; "" is the null sender

    /// Different domains, as written, of the first recipients still to be served (record R). A
    /// recipient without domain counts as "".
    std::array<std::string_view, kMostDomains> domains;
    std::size_t domain_count = 0;

    /// Where the file goes on with recipients if none stood in these bytes (they follow the content
    /// when sendmail -t took them from the header); 0: nothing more to be had.
    std::uint64_t recipients_at = 0;
};

/// Parses the first bytes of a queue file; a few hundred hold everything. What is damaged or cut
/// off is missing in the result.
QueueFileHead parse_queue_file_head(std::string_view bytes);

/// Adds the recipients found in the bytes from `head.recipients_at` on.
void parse_more_recipients(std::string_view bytes, QueueFileHead &head);

/// The user who submitted the message on this host with sendmail(1), from the first header of the
/// content, which pickup(8) has put there; nullopt for mail that came another way.
/// Source: Postfix src/pickup/pickup.c.
std::optional<std::uint32_t> find_submitter(std::string_view bytes);

}  // namespace mail_relay
