#include "agent_plugin/log_position.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mail_relay {

namespace {

std::optional<std::uint64_t> hash_before(int fd, std::uint64_t offset, std::uint32_t bytes) {
    std::array<char, kTailBytes> buffer{};
    std::size_t got = 0;
    while (got < bytes) {
        const ssize_t count =
            ::pread(fd, buffer.data() + got, bytes - got, static_cast<off_t>(offset - bytes + got));
        if (count <= 0) {
            return std::nullopt;
        }
        got += static_cast<std::size_t>(count);
    }
    return stable_hash({buffer.data(), bytes});
}

}  // namespace

std::uint64_t stable_hash(std::string_view bytes) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
    return hash;
}

std::optional<LogTail> read_tail(int fd, std::uint64_t offset) {
    LogTail tail;
    tail.bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, kTailBytes));
    const auto hash = hash_before(fd, offset, tail.bytes);
    if (!hash) {
        return std::nullopt;
    }
    tail.hash = *hash;
    return tail;
}

bool holds_position(int fd, std::uint64_t size, const LogPosition &position) {
    if (position.tail_bytes > kTailBytes || position.tail_bytes > position.offset ||
        position.offset > size) {
        return false;
    }
    const auto hash = hash_before(fd, position.offset, position.tail_bytes);
    return hash && *hash == position.tail_hash;
}

}  // namespace mail_relay
