#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay::roundtrip {

/// Unix time of a date as mails write it ("Tue, 3 Nov 2026 09:15:02 +0100 (CET)"), or IMAP
/// ("17-Jul-2026 02:44:25 -0700"); empty if it cannot be read. Source: RFC 5322 section 3.3.
std::optional<std::int64_t> parse_mail_date(std::string_view text);

/// The date line of a mail, in UTC: "Tue, 03 Nov 2026 08:15:02 +0000".
std::string format_mail_date(std::int64_t unix_time);

/// The day in UTC as IMAP's SEARCH wants it: "3-Nov-2026".
std::string format_search_day(std::int64_t unix_time);

}  // namespace mail_relay::roundtrip
