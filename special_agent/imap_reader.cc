#include "special_agent/imap_reader.h"

#include <algorithm>
#include <utility>

namespace mail_relay::roundtrip {

void ImapReader::feed(std::string_view bytes) {
    buffer_ += bytes;
}

// Size of the first answer without its last line end; 0 while bytes are missing.
Result<std::size_t> ImapReader::find_end() {
    for (;;) {
        const auto end = buffer_.find('\n', scanned_);
        if (std::min(end, buffer_.size()) > ImapLimits::kReply) {
            return failed("IMAP answer of more than {} bytes", ImapLimits::kReply);
        }
        if (end == std::string::npos) {
            return 0;
        }
        if (end == 0 || buffer_[end - 1] != '\r') {
            return failed("IMAP line that does not end in CRLF");
        }
        const auto line = std::string_view(buffer_).substr(scanned_, end - 1 - scanned_);
        if (line.find('\0') != std::string_view::npos) {
            return failed("NUL byte in an IMAP answer");
        }
        const auto digits = has_free_text(std::string_view(buffer_).substr(0, end - 1))
                                ? std::nullopt
                                : announced_literal(line);
        if (!digits) {
            return end - 1;
        }
        const auto size = parse_imap_number(*digits);
        if (!size || *size > ImapLimits::kLiteral) {
            return failed("IMAP literal of {} bytes: more than {}", digits->substr(0, 30),
                          ImapLimits::kLiteral);
        }
        if (end + 1 + *size > buffer_.size()) {
            return 0;
        }
        scanned_ = end + 1 + *size;
    }
}

Result<std::optional<ImapReply>> ImapReader::next() {
    if (failed_) {
        return failed("no more IMAP answers behind a malformed one");
    }
    const auto end = find_end();
    if (end && *end == 0 && !buffer_.starts_with("\r\n")) {
        return std::optional<ImapReply>();
    }
    auto reply = end ? parse_imap_reply(std::string_view(buffer_).substr(0, *end))
                     : Result<ImapReply>(end.error());
    if (!reply) {
        failed_ = true;
        return reply.error();
    }
    buffer_.erase(0, *end + 2);
    scanned_ = 0;
    return std::optional(std::move(*reply));
}

}  // namespace mail_relay::roundtrip
