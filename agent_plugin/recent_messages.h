#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/failure_class.h"

namespace mail_relay {

/// What later lines of a log need to know of earlier ones about the same message. Messages seen
/// long ago are forgotten.
class RecentMessages {
  public:
    void queued(std::string_view queue_id, std::string_view sender);
    void failed(std::string_view queue_id, FailureClass failure);

    /// True the first time that a recipient of the message was served.
    bool relayed(std::string_view queue_id);

    /// Whether the queue manager has tried it lately.
    bool is_known(std::string_view queue_id) const;

    /// Whether it has no sender who could be told of its failure: it is a notice itself.
    bool is_notice(std::string_view queue_id) const;

    /// "" when not known.
    std::string_view sender_of(std::string_view queue_id) const;

    /// Class of the message's last failure; kOther when not known.
    FailureClass failure_of(std::string_view queue_id) const;

  private:
    struct Message {
        std::string sender;
        FailureClass failure = FailureClass::kOther;
        bool is_queued = false;
        bool relayed = false;
    };

    Message &message_of(std::string_view queue_id);
    const Message *find(std::string_view queue_id) const;

    // No memory before there is a message: most runs find no new line.
    // Beside the messages, as most places are looked at in vain: these fit into the fastest cache.
    std::vector<std::uint64_t> ids_;  // hashes of the queue IDs; 0: none
    std::vector<Message> messages_;
};

}  // namespace mail_relay
