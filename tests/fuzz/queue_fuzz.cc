#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>

#include "agent_plugin/defer_log.h"
#include "agent_plugin/postfix_time.h"
#include "agent_plugin/queue_file.h"
#include "agent_plugin/queue_id.h"
#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_memory_format.h"
#include "agent_plugin/showq_parser.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

void parse_queue_file(std::string_view bytes) {
    auto head = parse_queue_file_head(bytes);
    require(!head.arrival || *head.arrival >= 0);
    if (head.recipients_at != 0) {
        require(head.domain_count == 0);
        parse_more_recipients(bytes.substr(bytes.size() / 2), head);
    }
    require(head.domain_count <= QueueFileHead::kMostDomains);
    for (std::size_t i = 0; i < head.domain_count; ++i) {
        require(is_part_of(head.domains.at(i), bytes));
    }
    require(is_part_of(head.sender.value_or(""), bytes));
    find_submitter(bytes);
}

void parse_defer_log(std::string_view tail) {
    if (const auto entry = last_defer_log_entry(tail)) {
        require(!entry->reason.empty() && is_part_of(entry->reason, tail));
        require(is_part_of(entry->recipient, tail) && is_part_of(entry->dsn_status, tail));
    }
}

void parse_queue_id(std::string_view name) {
    require(!is_queue_id(name) || name.size() <= 100);
    require(arrival_of_queue_id(name).value_or(0) >= 0);
    require(hashed_folder(name, 2).size() == 3);
}

void parse_time(std::string_view text) {
    parse_postfix_time(text, 'd');
}

/// True if it was understood.
bool feed_showq(std::string_view stream, std::size_t step, std::size_t &messages) {
    ShowqParser parser([&messages](const ShowqMessage &message) {
        ++messages;
        require(message.recipients.size() <= ShowqMessage::kMostRecipients);
    });
    for (; !stream.empty(); stream.remove_prefix(std::min(step, stream.size()))) {
        if (!parser.feed(stream.substr(0, step))) {
            return false;
        }
    }
    return parser.finish().has_value();
}

void parse_showq(std::string_view stream) {
    std::size_t at_once = 0;
    std::size_t byte_by_byte = 0;
    const bool understood = feed_showq(stream, stream.size() + 1, at_once);
    require(understood == feed_showq(stream, 1, byte_by_byte));
    require(!understood || at_once == byte_by_byte);
}

void parse_queue_memory_texts(std::string_view bytes) {
    TextCounts senders;
    TextCounts domains;
    DeferralReasons reasons{QueueHash(1)};
    queue_memory_format::read_texts(bytes, senders, domains, reasons);
    require(reasons.groups().size() <= DeferralReasons::kMostReasons + kFailureClassCount);
    const std::string written = queue_memory_format::write_texts(senders, domains, reasons);
    require(queue_memory_format::read_texts(written, senders, domains, reasons));
}

/// A file in which the checksums are right, whatever the rest is: they would keep the fuzzer out.
std::string sealed(std::string_view bytes) {
    namespace format = queue_memory_format;
    format::Header header;
    header.queue = format::queue_identity("queue");
    header.record_count = bytes.size() / sizeof(MessageRecord);
    const auto records = bytes.substr(0, header.record_count * sizeof(MessageRecord));
    const auto texts = bytes.substr(records.size());
    const std::size_t block = format::kRecordsInBlock * sizeof(MessageRecord);
    for (std::size_t at = 0; at < records.size(); at += block) {
        header.records_checksum =
            format::checksum(header.records_checksum, records.substr(at, block));
    }
    header.text_bytes = texts.size();
    header.texts_checksum = format::checksum(0, texts);
    header.header_checksum = format::header_checksum(header);
    std::string file(sizeof header, '\0');
    std::memcpy(file.data(), &header, sizeof header);
    return file.append(bytes);
}

void load_queue_memory(const std::string &bytes) {
    const std::string path = "/tmp/queue_memory_fuzz-" + std::to_string(::getpid());
    std::ofstream(path, std::ios::binary) << bytes;
    const auto memory = QueueMemory::load(path, "queue");
    ::unlink(path.c_str());
    if (memory) {
        QueueMemory::Reader reader(*memory);
        for (std::uint32_t i = 0; i < memory->size(); ++i) {
            const MessageRecord *const record = reader.at(i);
            require(record != nullptr && reader.find(record->key).has_value());
        }
        require(reader.at(static_cast<std::uint32_t>(memory->size())) == nullptr);
        reader.find(0);
    }
}

void parse_queue_memory(std::string_view bytes) {
    load_queue_memory(std::string(bytes));
    load_queue_memory(sealed(bytes));
}

const Target kQueueFile("queue_file", parse_queue_file);
const Target kDeferLog("defer_log", parse_defer_log);
const Target kQueueId("queue_id", parse_queue_id);
const Target kPostfixTime("postfix_time", parse_time);
const Target kShowq("showq", parse_showq);
const Target kQueueMemoryTexts("queue_memory_texts", parse_queue_memory_texts);
const Target kQueueMemory("queue_memory", parse_queue_memory);

}  // namespace
}  // namespace mail_relay::fuzz
