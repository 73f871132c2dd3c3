#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "agent_plugin/deferral_reasons.h"
#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_record.h"
#include "agent_plugin/queue_text_counts.h"

namespace mail_relay::queue_memory_format {

/// The file: this header, `record_count` records, `text_bytes` of texts. Native layout and byte
/// order, which `layout` tells apart. A change of anything here is a new `version`.
struct Header {
    static constexpr std::array<char, 8> kMagic{'M', 'R', 'q', 'u', 'e', 'u', 'e', '\n'};
    static constexpr std::uint32_t kVersion = 2;
    static constexpr std::uint32_t kLayout = 0x01020300U + sizeof(MessageRecord);

    std::array<char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t layout = kLayout;
    std::uint64_t queue = 0;  ///< hash of the queue's name
    std::uint64_t seed = 0;
    std::uint64_t record_count = 0;
    std::uint64_t records_with_reason = 0;
    std::uint64_t records_checksum = 0;
    std::uint64_t text_bytes = 0;
    std::uint64_t texts_checksum = 0;
    SenderBaseline baseline;
    std::uint64_t header_checksum = 0;  ///< of all before it
};

static_assert(std::is_trivially_copyable_v<Header>);

/// Records go through the checksum in blocks of this many, the last one shorter.
inline constexpr std::size_t kRecordsInBlock = 1024;

/// Checksums need no secret, only to find damage.
std::uint64_t checksum(std::uint64_t before, std::string_view bytes);
std::uint64_t header_checksum(const Header &header);
std::uint64_t queue_identity(std::string_view queue);

/// The counted senders, domains and reasons as bytes, and back. False: damaged.
std::string write_texts(const TextCounts &senders, const TextCounts &domains,
                        const DeferralReasons &reasons);
bool read_texts(std::string_view bytes, TextCounts &senders, TextCounts &domains,
                DeferralReasons &reasons);

}  // namespace mail_relay::queue_memory_format
