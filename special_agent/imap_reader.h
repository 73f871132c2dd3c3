#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.h"
#include "special_agent/imap_reply.h"

namespace mail_relay::roundtrip {

/// Takes the bytes of a server apart into answers. After an Error nothing more comes.
class ImapReader {
  public:
    void feed(std::string_view bytes);

    /// The next answer; empty as long as bytes are missing.
    Result<std::optional<ImapReply>> next();

  private:
    Result<std::size_t> find_end();

    std::string buffer_;
    std::size_t scanned_ = 0;  // begin of the line, or of the rest of it behind a literal
    bool failed_ = false;
};

}  // namespace mail_relay::roundtrip
