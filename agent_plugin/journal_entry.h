#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay {

/// One entry of the systemd journal.
struct JournalEntry {
    std::string cursor;
    std::int64_t time_us = 0;          ///< Unix microseconds
    std::string identifier;            ///< SYSLOG_IDENTIFIER: "postfix/smtp"
    std::string message;               ///< any bytes
    std::optional<std::uint32_t> uid;  ///< of the process that wrote it, as the journal knows it
};

/// Parses a line of `journalctl -o json`; nullopt for what is no entry.
/// Source: systemd's Journal JSON format; a MESSAGE that is no UTF-8 is an array of bytes.
std::optional<JournalEntry> parse_journal_entry(std::string_view text);

/// The entry as the line that a syslog daemon would write, with newline. One line, whatever the
/// message holds; "" if the identifier could not stand in one.
std::string log_line_of(const JournalEntry &entry);

}  // namespace mail_relay
