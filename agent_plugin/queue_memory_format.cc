#include "agent_plugin/queue_memory_format.h"

#include <cstring>
#include <utility>

#include "agent_plugin/queue_hash.h"

namespace mail_relay::queue_memory_format {

namespace {

enum class TextKind : std::uint8_t { kSender, kDomain, kReason };

class Writer {
  public:
    template <class Number>
    void number(Number value) {
        static_assert(std::is_trivially_copyable_v<Number>);
        std::array<char, sizeof value> bytes;
        std::memcpy(bytes.data(), &value, sizeof value);
        bytes_.append(bytes.data(), bytes.size());
    }

    void text(std::string_view text) {
        text = text.substr(0, 0xFFFF);
        number(static_cast<std::uint16_t>(text.size()));
        bytes_ += text;
    }

    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool done() const { return rest_.empty(); }

    template <class Number>
    bool number(Number &value) {
        if (rest_.size() < sizeof value) {
            return false;
        }
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return true;
    }

    bool text(std::string_view &text) {
        std::uint16_t size = 0;
        if (!number(size) || size > rest_.size()) {
            return false;
        }
        text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }

  private:
    std::string_view rest_;
};

void write_counted(TextKind kind, const TextCounts &texts, Writer &writer) {
    texts.visit_counted([&](std::uint32_t tag, std::string_view text) {
        writer.number(kind);
        writer.number(tag);
        writer.text(text);
    });
}

bool read_reason(Reader &reader, std::uint32_t tag, DeferralReasons &reasons) {
    std::uint8_t failure = 0;
    std::string_view dsn_status;
    std::string_view text;
    std::string_view sample;
    if (!reader.number(failure) || failure >= kFailureClassCount || !reader.text(dsn_status) ||
        !reader.text(text) || !reader.text(sample)) {
        return false;
    }
    DeferralReason group;
    group.failure = static_cast<FailureClass>(failure);
    group.dsn_status = dsn_status;
    group.text = text;
    group.sample = sample;
    reasons.restore(tag, std::move(group));
    return true;
}

}  // namespace

std::uint64_t checksum(std::uint64_t before, std::string_view bytes) {
    return QueueHash(before)(bytes);
}

std::uint64_t header_checksum(const Header &header) {
    std::array<char, offsetof(Header, header_checksum)> bytes;
    std::memcpy(bytes.data(), &header, bytes.size());
    return checksum(0, {bytes.data(), bytes.size()});
}

std::uint64_t queue_identity(std::string_view queue) {
    return checksum(0, queue);
}

std::string write_texts(const TextCounts &senders, const TextCounts &domains,
                        const DeferralReasons &reasons) {
    Writer writer;
    write_counted(TextKind::kSender, senders, writer);
    write_counted(TextKind::kDomain, domains, writer);
    for (const auto &[tag, group] : reasons.groups()) {
        if (group.messages > 0 && !group.text.empty()) {
            writer.number(TextKind::kReason);
            writer.number(tag);
            writer.number(static_cast<std::uint8_t>(group.failure));
            writer.text(group.dsn_status);
            writer.text(group.text);
            writer.text(group.sample);
        }
    }
    return writer.take();
}

bool read_texts(std::string_view bytes, TextCounts &senders, TextCounts &domains,
                DeferralReasons &reasons) {
    Reader reader(bytes);
    while (!reader.done()) {
        std::uint8_t kind = 0;
        std::uint32_t tag = 0;
        if (!reader.number(kind) || !reader.number(tag) || tag == 0) {
            return false;
        }
        if (kind == static_cast<std::uint8_t>(TextKind::kReason)) {
            if (!read_reason(reader, tag, reasons)) {
                return false;
            }
            continue;
        }
        std::string_view text;
        if (kind > static_cast<std::uint8_t>(TextKind::kReason) || !reader.text(text)) {
            return false;
        }
        auto &texts = kind == static_cast<std::uint8_t>(TextKind::kSender) ? senders : domains;
        texts.learn(tag, text);
    }
    return true;
}

}  // namespace mail_relay::queue_memory_format
