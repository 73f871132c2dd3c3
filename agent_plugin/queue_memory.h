#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/deferral_reasons.h"
#include "agent_plugin/queue_hash.h"
#include "agent_plugin/queue_record.h"
#include "agent_plugin/queue_text_counts.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// How much of the queue the busiest senders had when it was last looked at.
struct SenderBaseline {
    static constexpr std::size_t kSenders = 5;
    struct Part {
        std::uint32_t sender = 0;  ///< tag; 0: none
        std::uint32_t messages = 0;
    };
    std::int64_t time = 0;  ///< 0: never
    std::array<Part, kSenders> parts{};
};

/// What earlier looks learned of one queue: a record for each message, and the texts its tags stand
/// for. Kept in one versioned, checksummed file for this machine only; records are in the order of
/// the walk, so that the next walk reads them front to back. Records stay in the file: in memory
/// there are eleven bytes for each.
class QueueMemory {
  public:
    /// More messages than this are not remembered: 48 MB on disk, 11 MB in memory.
    static constexpr std::size_t kMostRecords = 1U << 20U;

    /// What was remembered of `queue` (any text that names it). A missing file, one of another
    /// queue or of another version is an empty memory; a damaged one an Error.
    static Result<QueueMemory> load(const std::string &path, std::string_view queue);

    /// Nothing remembered yet.
    QueueMemory();

    std::size_t size() const { return record_count_; }
    std::uint64_t with_reason() const { return with_reason_; }
    const QueueHash &hash() const { return hash_; }
    const SenderBaseline &baseline() const { return baseline_; }

    /// The texts of the earlier looks, all with count 0.
    const TextCounts &senders() const { return senders_; }
    const TextCounts &domains() const { return domains_; }
    const DeferralReasons &reasons() const { return reasons_; }

    /// Finds records by key; one for each thread.
    class Reader {
      public:
        explicit Reader(const QueueMemory &memory) : memory_(memory) {}

        struct Found {
            MessageRecord record;
            std::uint32_t position = 0;
        };
        std::optional<Found> find(std::uint64_t key);

        /// Nullptr when the file cannot be read any more.
        const MessageRecord *at(std::uint32_t position);

      private:
        static constexpr std::size_t kWindow = 256;
        const QueueMemory &memory_;
        std::uint32_t window_first_ = 0;
        std::uint32_t window_count_ = 0;
        std::array<MessageRecord, kWindow> window_{};
    };

  private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t position = kFree;
        static constexpr std::uint32_t kFree = 0xFFFFFFFF;
    };

    explicit QueueMemory(QueueHash hash) : hash_(hash), reasons_(hash) {}

    std::size_t first_slot(std::uint64_t key) const {
        return static_cast<std::size_t>((key >> 32U) * slots_.size() >> 32U);
    }
    void index(const MessageRecord &record, std::uint32_t position);
    Result<void> load_records(std::uint64_t checksum);
    Result<void> load_texts(std::uint64_t bytes, std::uint64_t checksum);

    QueueHash hash_;
    UniqueFd file_;
    std::uint32_t record_count_ = 0;
    std::uint64_t with_reason_ = 0;
    std::vector<Slot> slots_;
    SenderBaseline baseline_;
    TextCounts senders_;
    TextCounts domains_;
    DeferralReasons reasons_;
};

}  // namespace mail_relay
