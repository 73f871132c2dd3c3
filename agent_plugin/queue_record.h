#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace mail_relay {

/// What is kept of a queue file so that it need not be read again: compact, as one message of a
/// hundred thousand. Times are unix seconds, 0 for unknown; texts are tags (QueueHash).
struct MessageRecord {
    static constexpr std::size_t kMostDomains = 3;
    static constexpr std::uint64_t kMostContentBytes = (std::uint64_t{1} << 40U) - 1;

    std::uint64_t key = 0;                 ///< hash of the queue ID
    std::uint64_t content_bytes : 40 = 0;  ///< of the message, as postqueue shows it
    std::uint64_t file_bytes : 16 = 0;     ///< low bits; tell another file of the same ID
    std::uint64_t null_sender : 1 = 0;
    std::uint64_t damaged : 1 = 0;      ///< the head could not be understood
    std::uint64_t has_reason : 1 = 0;   ///< `reason` is of the attempt that set `next_attempt`
    std::uint64_t provisional : 1 = 0;  ///< `reason` was read so soon that it may not be the last
    std::uint64_t unused : 4 = 0;
    std::uint32_t next_attempt = 0;  ///< modification time of the queue file
    std::uint32_t last_attempt = 0;  ///< modification time of the defer log
    std::uint32_t arrival = 0;
    std::uint32_t sender = 0;
    std::array<std::uint32_t, kMostDomains> domains{};  ///< of recipients, filled from the front
    std::uint32_t reason = 0;

    /// A terabyte stands for everything larger.
    void set_content_bytes(std::uint64_t bytes) {
        content_bytes = (bytes < kMostContentBytes ? bytes : kMostContentBytes) & kMostContentBytes;
    }
};

static_assert(sizeof(MessageRecord) == 48 && std::is_trivially_copyable_v<MessageRecord>);

}  // namespace mail_relay
