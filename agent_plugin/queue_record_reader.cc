#include "agent_plugin/queue_record_reader.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "agent_plugin/queue_id.h"

namespace mail_relay {

namespace {

// A log that was written this long ago is not being written now.
constexpr std::int64_t kLogIsCompleteAfter = 60;
// qmgr dates a message in whole seconds, some of which it may have taken the time from before.
constexpr std::int64_t kNextAttemptIsDatedAnewAfter = 2;
// As postqueue shows it.
constexpr std::string_view kNullSender = "MAILER-DAEMON";
constexpr std::string_view kNoDomain = "(no domain)";

}  // namespace

std::uint32_t unix_time(std::int64_t seconds) {
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::uint16_t file_bytes_of(const struct stat &status) {
    return static_cast<std::uint16_t>(status.st_size);
}

QueueRecordReader::QueueRecordReader(const QueueLook &look, QueueTally &tally)
    : look_(look), tally_(tally), logs_(look.queue_directory_fd, look.settings.defer_hash_depth) {}

MessageRecord QueueRecordReader::record_of(std::string_view id, std::uint64_t key,
                                           const struct stat &status, const QueueFileHead &head) {
    const QueueHash &hash = look_.memory.hash();
    MessageRecord record;
    record.key = key;
    record.file_bytes = file_bytes_of(status);
    record.damaged = head.arrival && head.content_bytes ? 0 : 1;
    record.set_content_bytes(head.content_bytes.value_or(0));
    record.arrival = unix_time(head.arrival ? *head.arrival : arrival_of_queue_id(id).value_or(0));
    if (head.sender) {
        const auto sender = head.sender->empty() ? kNullSender : *head.sender;
        record.null_sender = head.sender->empty() ? 1 : 0;
        record.sender = hash.tag(sender);
        tally_.senders().learn(record.sender, sender);
    }
    for (std::size_t i = 0; i < head.domain_count; ++i) {
        record.domains.at(i) = learn_domain(head.domains.at(i));
    }
    return record;
}

std::uint32_t QueueRecordReader::learn_domain(std::string_view domain) {
    lower_case_ = domain.empty() ? kNoDomain : domain;
    std::transform(lower_case_.begin(), lower_case_.end(), lower_case_.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::uint32_t tag = look_.memory.hash().tag(lower_case_);
    tally_.domains().learn(tag, lower_case_);
    return tag;
}

void QueueRecordReader::read_reason(std::string_view id, const struct stat &queue_file,
                                    MessageRecord &record) {
    if (!look_.defer_logs.take()) {
        return;
    }
    struct stat status {};
    std::optional<DeferLogEntry> entry;
    const auto outcome = logs_.read(id, status, entry);
    if (outcome == ReadOutcome::kVanished) {
        // Deferred without a try: Postfix keeps a log only of tries.
        entry.emplace();
    } else if (outcome != ReadOutcome::kRead ||
               (!entry && look_.clock.now - status.st_mtime > kLogIsCompleteAfter)) {
        unusable_logs_.add(id);
    }
    if (!entry) {
        return;
    }
    record.last_attempt = unix_time(status.st_mtime);
    record.reason = tally_.reasons().learn(entry->reason, entry->dsn_status);
    record.has_reason = 1;
    // Another attempt within the second would set the same modification time. The status change
    // tells when this one was set.
    record.provisional =
        look_.clock.now - queue_file.st_ctime < kNextAttemptIsDatedAnewAfter ? 1 : 0;
}

}  // namespace mail_relay
