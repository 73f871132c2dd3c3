#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay {

struct ShowqRecipient {
    std::string address;
    std::string reason;  ///< "" for none
};

/// One message as showq describes it.
struct ShowqMessage {
    std::string queue_name;  ///< "deferred"
    std::string queue_id;
    std::optional<std::int64_t> arrival;
    std::optional<std::uint64_t> content_bytes;
    std::string sender;                      ///< "MAILER-DAEMON" for the null sender
    std::vector<ShowqRecipient> recipients;  ///< the first kMostRecipients
    static constexpr std::size_t kMostRecipients = 50;
};

/// Parses what a showq service of Postfix 3.1 to 3.11 sends, in parts as they come. Attributes are
/// taken by name: versions differ in which they send. Source: Postfix src/showq/showq.c,
/// src/util/attr_print0.c ("name NUL value NUL" ..., an empty name ends a list, one more the
/// stream), src/global/mail_proto.h.
class ShowqParser {
  public:
    using Visit = std::function<void(const ShowqMessage &)>;

    explicit ShowqParser(Visit visit) : visit_(std::move(visit)) {}

    /// An Error for what cannot be showq's.
    Result<void> feed(std::string_view part);

    /// An Error unless the stream's own end was seen: a daemon that died in between must not look
    /// like a shorter queue.
    Result<void> finish() const;

    bool ended() const { return ended_; }

  private:
    Result<void> take_word(std::string_view word);
    Result<void> take_attribute(std::string_view name, std::string_view value);
    void end_list();

    static constexpr std::size_t kLongestWord = 65536;

    Visit visit_;
    std::string word_;
    std::optional<std::string> name_;  // of the attribute whose value comes next
    bool list_is_empty_ = true;
    bool ended_ = false;
    ShowqMessage message_;
    bool recipient_open_ = false;
};

}  // namespace mail_relay
