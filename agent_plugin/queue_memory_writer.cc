#include "agent_plugin/queue_memory_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

namespace mail_relay {

namespace format = queue_memory_format;

namespace {

// A run ends within 10 s: a file that is older belongs to one that was killed.
constexpr std::int64_t kAbandonedAfter = 60;

// reinterpret_cast: the file holds the objects' own bytes.
template <class Object>
std::string_view bytes_of(const Object *objects, std::size_t count) {
    return {reinterpret_cast<const char *>(objects), count * sizeof(Object)};  // NOLINT
}

bool is_abandoned(const std::string &path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 &&
           std::time(nullptr) - status.st_mtime > kAbandonedAfter;
}

}  // namespace

QueueMemoryWriter::QueueMemoryWriter(std::string path, std::string_view queue,
                                     const QueueHash &hash)
    : path_(std::move(path)), new_path_(path_ + ".new") {
    header_.queue = format::queue_identity(queue);
    header_.seed = hash.seed();
    block_.reserve(format::kRecordsInBlock);
}

QueueMemoryWriter::~QueueMemoryWriter() {
    if (file_) {
        ::unlink(new_path_.c_str());
    }
}

Result<bool> QueueMemoryWriter::begin() {
    const auto create = [this] {
        return UniqueFd(
            ::open(new_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    };
    file_ = create();
    if (!file_ && errno == EEXIST) {
        if (!is_abandoned(new_path_)) {
            return false;
        }
        ::unlink(new_path_.c_str());
        file_ = create();
    }
    if (!file_) {
        return failed("cannot create {}: {}", new_path_, std::strerror(errno));
    }
    return true;
}

Result<void> QueueMemoryWriter::write(std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return failed("cannot write {}: {}", new_path_, std::strerror(errno));
        }
        at += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> QueueMemoryWriter::flush() {
    const auto bytes = bytes_of(block_.data(), block_.size());
    header_.records_checksum = format::checksum(header_.records_checksum, bytes);
    header_.record_count += block_.size();
    auto written = write(bytes, end_);
    end_ += bytes.size();
    block_.clear();
    return written;
}

Result<void> QueueMemoryWriter::add(const MessageRecord &record) {
    block_.push_back(record);
    header_.records_with_reason += record.has_reason;
    if (block_.size() == format::kRecordsInBlock) {
        return flush();
    }
    return {};
}

Result<void> QueueMemoryWriter::commit(const TextCounts &senders, const TextCounts &domains,
                                       const DeferralReasons &reasons,
                                       const SenderBaseline &baseline) {
    if (!block_.empty()) {
        if (auto flushed = flush(); !flushed) {
            return flushed;
        }
    }
    const std::string texts = format::write_texts(senders, domains, reasons);
    header_.text_bytes = texts.size();
    header_.texts_checksum = format::checksum(0, texts);
    header_.baseline = baseline;
    header_.header_checksum = format::header_checksum(header_);
    if (auto written = write(texts, end_); !written) {
        return written;
    }
    if (auto written = write(bytes_of(&header_, 1), 0); !written) {
        return written;
    }
    if (std::rename(new_path_.c_str(), path_.c_str()) != 0) {
        return failed("cannot replace {}: {}", path_, std::strerror(errno));
    }
    file_ = UniqueFd();
    return {};
}

}  // namespace mail_relay
