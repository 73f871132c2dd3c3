#include "agent_plugin/queue_examiner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent_plugin/queue_id.h"

namespace mail_relay {

namespace {

constexpr std::uint64_t kMessagesBetweenClockReads = 16;

std::string path_of(const std::string &folder, std::string_view id) {
    return fmt::format("{}/{}", folder, id);
}

/// What Postfix has not finished writing is not in the queue yet (mode 0600); what is corrupt is
/// marked so (0400).
bool is_ready(Queue queue, const struct stat &status) {
    return queue == Queue::kCorrupt || (status.st_mode & S_IRWXU) == S_IRWXU;
}

}  // namespace

QueueExaminer::QueueExaminer(const QueueLook &look)
    : look_(look),
      memory_(look.memory),
      tally_(look.clock, look.memory.hash()),
      records_(look, tally_) {}

void QueueExaminer::reserve(std::size_t walked, std::size_t learned) {
    order_.reserve(std::min(walked, QueueMemory::kMostRecords));
    learned_.reserve(learned);
}

std::optional<WalkFailure> QueueExaminer::examine_folder(Queue queue, const QueueFolder &folder,
                                                         Pass pass) {
    const auto failure = [&folder](std::string_view verb, int error) {
        return WalkFailure{fmt::format("cannot {} {}: {}", verb, folder.path, std::strerror(error)),
                           error};
    };
    const UniqueFd opened = open_queue_folder(look_.queue_directory_fd, folder.path);
    if (!opened) {
        return errno == ENOENT ? std::nullopt : std::optional(failure("open", errno));
    }
    if (folder.names_are_kept) {
        for (std::size_t at = 0; at < folder.names.size();) {
            const std::string_view name = folder.names.data() + at;
            examine_name(queue, opened.get(), folder.path, name, pass);
            at += name.size() + 1;
        }
        return std::nullopt;
    }
    QueueFolderReader reader(opened.get());
    QueueEntry entry;
    while (reader.next(entry)) {
        if (entry.kind == EntryKind::kMessage) {
            examine_name(queue, opened.get(), folder.path, entry.name, pass);
        }
    }
    return reader.error() == 0 ? std::nullopt : std::optional(failure("list", reader.error()));
}

void QueueExaminer::look_for(Queue queue, const std::string &folder, const std::string &id) {
    if (const UniqueFd opened = open_queue_folder(look_.queue_directory_fd, folder)) {
        examine_name(queue, opened.get(), folder, id, Pass::kNewcomers);
    }
}

void QueueExaminer::examine_name(Queue queue, int folder_fd, const std::string &folder,
                                 std::string_view name, Pass pass) {
    if (++since_clock_ == kMessagesBetweenClockReads) {
        on_schedule_ = look_.pace.on_schedule(since_clock_);
        since_clock_ = 0;
    }
    const Message message{queue, folder_fd, folder, name.data(), name, look_.memory.hash()(name)};
    if (is_counted(message, pass) || !examine(message)) {
        return;
    }
    if (pass == Pass::kDeferred) {
        look_.seen.add(message.key);
    } else {
        look_.seen.add_exactly(message.key);
    }
}

bool QueueExaminer::is_counted(const Message &message, Pass pass) const {
    return look_.seen.has_exactly(message.key) ||
           (pass == Pass::kNewcomers && look_.seen.may_have(message.key));
}

/// False if there is no such message after all.
bool QueueExaminer::examine(const Message &message) {
    if (message.queue == Queue::kMaildrop) {
        return on_schedule_ ? examine_maildrop(message) : count_by_name(message);
    }
    const auto found = memory_.find(message.key);
    if (!on_schedule_) {
        if (!found) {
            return count_by_name(message);
        }
        keep(message, found->record, found->position);
        return true;
    }
    return found ? examine_known(message, *found) : examine_new(message);
}

bool QueueExaminer::count_by_name(const Message &message) {
    tally_.add_name(message.queue, unix_time(arrival_of_queue_id(message.id).value_or(0)));
    return true;
}

bool QueueExaminer::examine_maildrop(const Message &message) {
    struct stat status {};
    if (const auto outcome = read_queue_file_status(message.folder_fd, message.name, status);
        outcome != ReadOutcome::kRead) {
        return skip(message, outcome);
    }
    if (!is_ready(message.queue, status)) {
        return false;
    }
    // It has no arrival record yet: postdrop wrote it when it came in.
    MessageRecord record;
    record.arrival = unix_time(status.st_mtime);
    record.set_content_bytes(static_cast<std::uint64_t>(status.st_size));
    tally_.add(message.queue, record);
    return true;
}

bool QueueExaminer::examine_known(const Message &message, QueueMemory::Reader::Found found) {
    struct stat status {};
    if (const auto outcome = read_queue_file_status(message.folder_fd, message.name, status);
        outcome != ReadOutcome::kRead) {
        return skip(message, outcome);
    }
    if (!is_ready(message.queue, status)) {
        return false;
    }
    MessageRecord record = found.record;
    if (record.file_bytes != file_bytes_of(status)) {
        return examine_new(message);  // another message got the ID
    }
    if (message.queue != Queue::kDeferred) {
        keep(message, record, found.position);
        return true;
    }
    const bool attempted_again = record.next_attempt != unix_time(status.st_mtime);
    const bool reason_stands = !attempted_again && has_usable_reason(record);
    if (reason_stands && record.provisional == 0) {
        keep(message, record, found.position);
        return true;
    }
    record.next_attempt = unix_time(status.st_mtime);
    if (!reason_stands) {
        record.has_reason = 0;
    }
    const bool may_remember = may_learn();
    if (may_remember) {
        records_.read_reason(message.id, status, record);
    }
    if (may_remember && (attempted_again || record.has_reason != 0)) {
        learn(message, record);
    } else {
        keep(message, record, found.position);
    }
    return true;
}

bool QueueExaminer::examine_new(const Message &message) {
    if (!may_learn()) {
        return count_by_name(message);
    }
    struct stat status {};
    QueueFileHead head;
    if (const auto outcome = files_.read(message.folder_fd, message.name, status, head);
        outcome != ReadOutcome::kRead) {
        return skip(message, outcome);
    }
    if (!is_ready(message.queue, status)) {
        return false;
    }
    MessageRecord record = records_.record_of(message.id, message.key, status, head);
    if (message.queue == Queue::kDeferred) {
        record.next_attempt = unix_time(status.st_mtime);
        records_.read_reason(message.id, status, record);
    }
    learn(message, record);
    return true;
}

/// Takes one of the messages that may be learned in this look.
bool QueueExaminer::may_learn() {
    auto left = look_.may_learn.load(std::memory_order_relaxed);
    while (left > 0) {
        if (look_.may_learn.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

bool QueueExaminer::has_usable_reason(const MessageRecord &record) const {
    return record.has_reason != 0 && look_.memory.reasons().knows(record.reason);
}

bool QueueExaminer::skip(const Message &message, ReadOutcome outcome) {
    if (outcome == ReadOutcome::kVanished) {
        if (vanished_.size() < kMostVanished) {
            vanished_.emplace_back(message.id);
        }
        return false;
    }
    unreadable_.add(fmt::format(
        "{}: {}", path_of(message.folder, message.id),
        outcome == ReadOutcome::kNotAFile ? "not a regular file" : std::strerror(errno)));
    // It is there all the same, unless it is no file.
    return outcome == ReadOutcome::kUnreadable && count_by_name(message);
}

void QueueExaminer::keep(const Message &message, const MessageRecord &record,
                         std::uint32_t position) {
    MessageRecord counted = record;
    counted.has_reason = has_usable_reason(record) ? 1 : 0;
    tally_.add(message.queue, counted);
    if (counted.damaged != 0 && message.queue != Queue::kCorrupt) {
        damaged_.add(path_of(message.folder, message.id));
    }
    if (order_.size() < QueueMemory::kMostRecords) {
        order_.push_back(position);
    }
}

void QueueExaminer::learn(const Message &message, const MessageRecord &record) {
    tally_.add(message.queue, record);
    if (record.damaged != 0 && message.queue != Queue::kCorrupt) {
        damaged_.add(path_of(message.folder, message.id));
    }
    if (order_.size() < QueueMemory::kMostRecords) {
        order_.push_back(kLearned | static_cast<std::uint32_t>(learned_.size()));
        learned_.push_back(record);
    }
}

}  // namespace mail_relay
