#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/queue_look.h"
#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_message.h"
#include "agent_plugin/queue_record_reader.h"
#include "agent_plugin/queue_tally.h"
#include "agent_plugin/queue_walk.h"

namespace mail_relay {

/// Which messages of a folder still have to be counted.
enum class Pass {
    kSmallQueue,  ///< walked first
    kDeferred,
    kNewcomers,  ///< again at the end: messages that moved before they were walked
};

/// Examines queue folders message by message: from memory if the file is the same as before, else
/// from the file and its defer log. One for each thread.
class QueueExaminer {
  public:
    explicit QueueExaminer(const QueueLook &look);
    QueueExaminer(const QueueExaminer &) = delete;  // a member refers to another one
    QueueExaminer &operator=(const QueueExaminer &) = delete;
    ~QueueExaminer() = default;

    /// Nullopt or why the folder could not be listed. A folder that is gone is empty.
    std::optional<WalkFailure> examine_folder(Queue queue, const QueueFolder &folder, Pass pass);

    /// What is to be remembered, in the order of the walk: the position of a record of the memory,
    /// or with kLearned set the index of one of learned().
    static constexpr std::uint32_t kLearned = 0x80000000;
    const std::vector<std::uint32_t> &order() const { return order_; }
    const std::vector<MessageRecord> &learned() const { return learned_; }

    const QueueTally &tally() const { return tally_; }
    const Oddity &damaged() const { return damaged_; }
    const Oddity &unreadable() const { return unreadable_; }
    const Oddity &unusable_logs() const { return records_.unusable_logs(); }

    /// Room for what is expected to be walked and learned.
    void reserve(std::size_t walked, std::size_t learned);

    /// IDs that were listed but gone when they were looked at: delivered, or in another queue.
    const std::vector<std::string> &vanished() const { return vanished_; }
    static constexpr std::size_t kMostVanished = 4096;

    /// Examines one message, if it is in that folder and was not counted yet.
    void look_for(Queue queue, const std::string &folder, const std::string &id);

  private:
    /// The message that is just looked at.
    struct Message {
        Queue queue;
        int folder_fd;
        const std::string &folder;
        const char *name;
        std::string_view id;
        std::uint64_t key;
    };

    void examine_name(Queue queue, int folder_fd, const std::string &folder, std::string_view name,
                      Pass pass);
    bool is_counted(const Message &message, Pass pass) const;
    bool examine(const Message &message);
    bool count_by_name(const Message &message);
    bool examine_maildrop(const Message &message);
    bool examine_known(const Message &message, QueueMemory::Reader::Found found);
    bool examine_new(const Message &message);
    bool may_learn();
    bool has_usable_reason(const MessageRecord &record) const;
    bool skip(const Message &message, ReadOutcome outcome);
    void keep(const Message &message, const MessageRecord &record, std::uint32_t position);
    void learn(const Message &message, const MessageRecord &record);

    const QueueLook &look_;
    QueueMemory::Reader memory_;
    QueueFileReader files_;
    QueueTally tally_;
    QueueRecordReader records_;
    std::vector<std::uint32_t> order_;
    std::vector<MessageRecord> learned_;
    std::vector<std::string> vanished_;
    Oddity damaged_;
    Oddity unreadable_;
    bool on_schedule_ = true;
    std::uint64_t since_clock_ = 0;
};

}  // namespace mail_relay
