#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_memory_format.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// Writes a queue memory beside the present one, record by record through a small buffer, and puts
/// it in its place when complete. Left unfinished, it leaves nothing behind.
class QueueMemoryWriter {
  public:
    QueueMemoryWriter(std::string path, std::string_view queue, const QueueHash &hash);
    ~QueueMemoryWriter();
    QueueMemoryWriter(const QueueMemoryWriter &) = delete;
    QueueMemoryWriter &operator=(const QueueMemoryWriter &) = delete;

    /// False without an error: another run is just writing it, which is as good.
    Result<bool> begin();
    Result<void> add(const MessageRecord &record);

    /// Writes the texts of what was counted, and replaces the memory.
    Result<void> commit(const TextCounts &senders, const TextCounts &domains,
                        const DeferralReasons &reasons, const SenderBaseline &baseline);

  private:
    Result<void> flush();
    Result<void> write(std::string_view bytes, std::uint64_t at);

    std::string path_;
    std::string new_path_;
    UniqueFd file_;
    queue_memory_format::Header header_;
    std::uint64_t end_ = sizeof(queue_memory_format::Header);
    std::vector<MessageRecord> block_;
};

}  // namespace mail_relay
