#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/queue_file.h"
#include "agent_plugin/queue_look.h"
#include "agent_plugin/queue_message.h"
#include "agent_plugin/queue_record.h"
#include "agent_plugin/queue_tally.h"

namespace mail_relay {

/// Unix seconds as a record keeps them; 0 for what is before 1970.
std::uint32_t unix_time(std::int64_t seconds);

/// The low bits of a queue file's size, by which a record knows its file again.
std::uint16_t file_bytes_of(const struct stat &status);

/// Makes records of what queue files and defer logs say. One for each thread: what is named in them
/// goes to that thread's tally.
class QueueRecordReader {
  public:
    QueueRecordReader(const QueueLook &look, QueueTally &tally);

    MessageRecord record_of(std::string_view id, std::uint64_t key, const struct stat &status,
                            const QueueFileHead &head);

    /// Adds last attempt and reason of a deferred message; leaves them out where its log is not to
    /// be read in this look or says nothing usable.
    void read_reason(std::string_view id, const struct stat &queue_file, MessageRecord &record);

    const Oddity &unusable_logs() const { return unusable_logs_; }

  private:
    std::uint32_t learn_domain(std::string_view domain);

    const QueueLook &look_;
    QueueTally &tally_;
    DeferLogReader logs_;
    Oddity unusable_logs_;
    std::string lower_case_;
};

}  // namespace mail_relay
