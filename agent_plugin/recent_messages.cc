#include "agent_plugin/recent_messages.h"

#include <functional>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kMessages = 4096;
constexpr std::size_t kLongestSender = 128;

std::uint64_t hash_of(std::string_view queue_id) {
    return std::hash<std::string_view>()(queue_id) | 1U;
}

}  // namespace

RecentMessages::Message &RecentMessages::message_of(std::string_view queue_id) {
    if (ids_.empty()) {
        ids_.resize(kMessages);
        messages_.resize(kMessages);
    }
    const std::uint64_t id = hash_of(queue_id);
    const std::size_t place = (id >> 1U) % kMessages;
    Message &message = messages_[place];
    if (std::exchange(ids_[place], id) != id) {
        message.sender.clear();
        message.failure = FailureClass::kOther;
        message.is_queued = false;
        message.relayed = false;
    }
    return message;
}

const RecentMessages::Message *RecentMessages::find(std::string_view queue_id) const {
    const std::uint64_t id = hash_of(queue_id);
    const std::size_t place = (id >> 1U) % kMessages;
    return !ids_.empty() && ids_[place] == id ? &messages_[place] : nullptr;
}

void RecentMessages::queued(std::string_view queue_id, std::string_view sender) {
    Message &message = message_of(queue_id);
    message.sender.assign(sender.substr(0, kLongestSender));
    message.is_queued = true;
}

void RecentMessages::failed(std::string_view queue_id, FailureClass failure) {
    message_of(queue_id).failure = failure;
}

bool RecentMessages::relayed(std::string_view queue_id) {
    return !std::exchange(message_of(queue_id).relayed, true);
}

bool RecentMessages::is_known(std::string_view queue_id) const {
    const Message *message = find(queue_id);
    return message != nullptr && message->is_queued;
}

bool RecentMessages::is_notice(std::string_view queue_id) const {
    const Message *message = find(queue_id);
    return message != nullptr && message->is_queued && message->sender.empty();
}

std::string_view RecentMessages::sender_of(std::string_view queue_id) const {
    const Message *message = find(queue_id);
    return message == nullptr ? std::string_view() : std::string_view(message->sender);
}

FailureClass RecentMessages::failure_of(std::string_view queue_id) const {
    const Message *message = find(queue_id);
    return message == nullptr ? FailureClass::kOther : message->failure;
}

}  // namespace mail_relay
