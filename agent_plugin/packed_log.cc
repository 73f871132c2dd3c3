#include "agent_plugin/packed_log.h"

#include <algorithm>
#include <cstring>

namespace mail_relay {

bool PackedLog::take(std::string_view piece) {
    const std::uint64_t begin = at_;
    at_ += piece.size();
    recent_ += piece;
    if (begin < start_.offset && at_ >= start_.offset && !holds_start()) {
        is_foreign_ = true;
        return false;
    }
    if (at_ > start_.offset) {
        piece.remove_prefix(begin < start_.offset ? start_.offset - begin : 0);
        while (!piece.empty()) {
            const std::size_t bytes = std::min(piece.size(), blocks_.room_bytes());
            std::memcpy(blocks_.room(), piece.data(), bytes);
            blocks_.added(bytes);
            piece.remove_prefix(bytes);
        }
    }
    // A line not yet passed on and the tail before it.
    constexpr std::size_t kEnough = LineBlocks::kBytes + kTailBytes;
    if (recent_.size() > 4 * kEnough) {
        recent_.erase(0, recent_.size() - kEnough);
    }
    return true;
}

void PackedLog::move_on(LogPosition &position) const {
    position.offset = start_.offset + blocks_.done();
    position.inside_line = blocks_.inside_line();
    position.tail_bytes =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(position.offset, kTailBytes));
    position.tail_hash = stable_hash(before(position.offset, position.tail_bytes));
}

std::string_view PackedLog::before(std::uint64_t offset, std::size_t bytes) const {
    const std::string_view recent = recent_;
    return recent.substr(recent.size() - (at_ - offset) - bytes, bytes);
}

bool PackedLog::holds_start() const {
    return start_.tail_bytes <= std::min<std::uint64_t>(start_.offset, kTailBytes) &&
           stable_hash(before(start_.offset, start_.tail_bytes)) == start_.tail_hash;
}

}  // namespace mail_relay
