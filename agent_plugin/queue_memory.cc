#include "agent_plugin/queue_memory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent_plugin/queue_memory_format.h"

namespace mail_relay {

namespace format = queue_memory_format;

namespace {

// kMostRecords' texts: 2 * 8192 of 128 bytes and 543 reasons of 600 bytes, generously.
constexpr std::uint64_t kMostTextBytes = 4U << 20U;

/// Exactly `size` bytes; false on an error and at the end of the file.
bool read_at(int fd, void *to, std::size_t size, std::uint64_t at) {
    auto *bytes = static_cast<char *>(to);
    while (size > 0) {
        const ssize_t got = ::pread(fd, bytes, size, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        bytes += got;
        at += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

std::uint64_t record_offset(std::uint64_t position) {
    return sizeof(format::Header) + position * sizeof(MessageRecord);
}

bool is_consistent(const format::Header &header, std::uint64_t file_bytes) {
    return header.header_checksum == format::header_checksum(header) &&
           header.record_count <= QueueMemory::kMostRecords &&
           header.text_bytes <= kMostTextBytes &&
           record_offset(header.record_count) + header.text_bytes == file_bytes;
}

}  // namespace

QueueMemory::QueueMemory() : QueueMemory(QueueHash(random_seed())) {}

Result<QueueMemory> QueueMemory::load(const std::string &path, std::string_view queue) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file) {
        if (errno == ENOENT) {
            return QueueMemory();
        }
        return failed("cannot open {}: {}", path, std::strerror(errno));
    }
    struct stat status {};
    format::Header header;
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        !read_at(file.get(), &header, sizeof header, 0) || header.magic != format::Header::kMagic) {
        return failed("{} is not a queue memory", path);
    }
    if (header.version != format::Header::kVersion || header.layout != format::Header::kLayout) {
        return QueueMemory();  // of another version of this program
    }
    if (!is_consistent(header, static_cast<std::uint64_t>(status.st_size))) {
        return failed("{} is damaged in its header", path);
    }
    if (header.queue != format::queue_identity(queue)) {
        return QueueMemory();
    }
    QueueMemory memory{QueueHash(header.seed)};
    memory.file_ = std::move(file);
    memory.record_count_ = static_cast<std::uint32_t>(header.record_count);
    memory.with_reason_ = header.records_with_reason;
    memory.baseline_ = header.baseline;
    if (!memory.load_records(header.records_checksum)) {
        return failed("{} is damaged in its records", path);
    }
    if (!memory.load_texts(header.text_bytes, header.texts_checksum)) {
        return failed("{} is damaged in its texts", path);
    }
    return memory;
}

Result<void> QueueMemory::load_records(std::uint64_t checksum) {
    slots_.resize(record_count_ + record_count_ / 3 + 1);
    std::vector<MessageRecord> block;
    std::uint64_t sum = 0;
    for (std::uint32_t first = 0; first < record_count_;) {
        block.resize(std::min<std::size_t>(format::kRecordsInBlock, record_count_ - first));
        const std::size_t bytes = block.size() * sizeof(MessageRecord);
        if (!read_at(file_.get(), block.data(), bytes, record_offset(first))) {
            return failed("cannot read record {}", first);
        }
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the bytes as in the file
        sum = format::checksum(sum, {reinterpret_cast<const char *>(block.data()), bytes});
        for (const MessageRecord &record : block) {
            index(record, first++);
        }
    }
    if (sum != checksum) {
        return failed("checksum differs");
    }
    return {};
}

Result<void> QueueMemory::load_texts(std::uint64_t bytes, std::uint64_t checksum) {
    std::string texts(bytes, '\0');
    if (!read_at(file_.get(), texts.data(), bytes, record_offset(record_count_)) ||
        format::checksum(0, texts) != checksum ||
        !format::read_texts(texts, senders_, domains_, reasons_)) {
        return failed("checksum differs");
    }
    return {};
}

void QueueMemory::index(const MessageRecord &record, std::uint32_t position) {
    std::size_t slot = first_slot(record.key);
    while (slots_[slot].position != Slot::kFree) {
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    slots_[slot] = {static_cast<std::uint32_t>(record.key), position};
}

std::optional<QueueMemory::Reader::Found> QueueMemory::Reader::find(std::uint64_t key) {
    const auto &slots = memory_.slots_;
    if (slots.empty()) {
        return std::nullopt;
    }
    for (std::size_t slot = memory_.first_slot(key); slots[slot].position != Slot::kFree;
         slot = slot + 1 == slots.size() ? 0 : slot + 1) {
        if (slots[slot].tag != static_cast<std::uint32_t>(key)) {
            continue;
        }
        const MessageRecord *record = at(slots[slot].position);
        if (record != nullptr && record->key == key) {
            return Found{*record, slots[slot].position};
        }
    }
    return std::nullopt;
}

const MessageRecord *QueueMemory::Reader::at(std::uint32_t position) {
    if (position < window_first_ || position >= window_first_ + window_count_) {
        const auto count = std::min<std::uint32_t>(kWindow, memory_.record_count_ - position);
        window_count_ = 0;
        if (position >= memory_.record_count_ ||
            !read_at(memory_.file_.get(), window_.data(), count * sizeof(MessageRecord),
                     record_offset(position))) {
            return nullptr;
        }
        window_first_ = position;
        window_count_ = count;
    }
    return &window_.at(position - window_first_);
}

}  // namespace mail_relay
