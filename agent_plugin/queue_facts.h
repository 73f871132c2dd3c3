#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/failure_class.h"
#include "common/problem.h"

namespace mail_relay {

/// Postfix's queues, in the order in which messages pass through them.
enum class Queue : std::uint8_t { kMaildrop, kIncoming, kActive, kDeferred, kHold, kCorrupt };

inline constexpr std::size_t kQueueCount = 6;
inline constexpr std::array<Queue, kQueueCount> kQueues{Queue::kMaildrop, Queue::kIncoming,
                                                        Queue::kActive,   Queue::kDeferred,
                                                        Queue::kHold,     Queue::kCorrupt};

constexpr std::size_t index_of(Queue queue) {
    return static_cast<std::size_t>(queue);
}

/// The queue's directory below queue_directory: "maildrop", "incoming", ...
std::string_view queue_name(Queue queue);

/// Upper ends of the age buckets in seconds; one more bucket holds everything older.
inline constexpr std::array<std::int64_t, 5> kAgeBucketEnds{300, 3600, 14400, 86400, 432000};

struct QueueNumbers {
    std::uint64_t messages = 0;                  ///< exact
    std::uint64_t examined = 0;                  ///< messages whose age and size are known
    std::optional<std::uint64_t> bytes;          ///< content of the examined; null if none told it
    std::optional<std::int64_t> oldest_arrival;  ///< null if empty or unknown
    std::array<std::uint64_t, kAgeBucketEnds.size() + 1> age_buckets{};  ///< of the examined
};

/// Messages that wait for the same reason.
struct DeferralReason {
    FailureClass failure = FailureClass::kOther;
    std::uint64_t messages = 0;
    std::optional<std::int64_t> oldest_arrival;
    std::string dsn_status;  ///< "" when unknown
    std::string text;        ///< without what differs from message to message
    std::string sample;      ///< one full reason
};

struct NamedCount {
    std::string name;
    std::uint64_t messages = 0;
};

struct Coverage {
    std::uint64_t examined = 0;
    std::uint64_t total = 0;
};

/// One sender's part of the queue now and when the queue was looked at before.
struct SenderGrowth {
    std::string sender;
    std::uint64_t messages = 0;  ///< estimated from the examined ones if not all are
    std::uint64_t messages_before = 0;
    std::int64_t seconds = 0;  ///< between the two looks
};

enum class QueueSource { kFiles, kShowq };

/// What waits in the queue of one instance. A number that could not be had is null and has a
/// problem.
struct QueueFacts {
    QueueSource source = QueueSource::kFiles;
    std::array<std::optional<QueueNumbers>, kQueueCount> queues;

    std::optional<std::int64_t> next_attempt;  ///< earliest of the deferred; null if none
    std::optional<std::int64_t> last_attempt;  ///< latest of the deferred; null if none
    std::uint64_t overdue = 0;                 ///< deferred whose next attempt has passed
    std::int64_t longest_overdue_s = 0;

    std::uint64_t expiring = 0;                   ///< deferred that reach their lifetime soon
    std::int64_t expiring_within_s = 0;           ///< what "soon" is
    std::optional<std::int64_t> next_expiration;  ///< of the expiring ones

    std::vector<DeferralReason> reasons;  ///< most messages first
    std::vector<NamedCount> domains;      ///< of recipients, deferred and active; top ones
    std::vector<NamedCount> senders;      ///< incoming, active, deferred and hold; top ones
    std::optional<SenderGrowth> top_sender_growth;  ///< null without an earlier look

    Coverage messages;  ///< all queues
    Coverage reason_coverage;
    Problems problems;

    const std::optional<QueueNumbers> &operator[](Queue queue) const {
        return queues[index_of(queue)];
    }
};

}  // namespace mail_relay
