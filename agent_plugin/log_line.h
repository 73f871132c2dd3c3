#pragma once

#include <optional>
#include <string_view>

namespace mail_relay {

/// The parts of one line of a mail log that the syslog daemon or postlogd(8) wrote. Views lead into
/// the line.
struct LogLine {
    std::string_view stamp;  ///< "Nov 21 09:02:05" or "2026-11-21T09:02:05.123456+01:00"
    std::string_view tag;    ///< "postfix/smtp", "postfix-out/submission/smtpd"
    std::string_view text;   ///< what the program said
};

/// Takes a line apart: time stamp, host, "tag[pid]:" and text. nullopt for any other form. Nothing
/// of the text, which may be a stranger's, is looked at. Source: RFC 3164, RFC 3339, Postfix
/// src/util/msg_logger.c.
std::optional<LogLine> parse_log_line(std::string_view line);

/// The program of a tag that begins with an instance's syslog_name: "smtp" of "postfix/smtp" and of
/// "postfix/relay/smtp" for "postfix". nullopt: the tag is another's.
std::optional<std::string_view> program_of_tag(std::string_view tag, std::string_view syslog_name);

/// A program of which no line tells a message's fate. Most lines of a busy log are theirs, and much
/// of them is a stranger's text.
bool is_bystander(std::string_view program);

}  // namespace mail_relay
