#include "agent_plugin/line_blocks.h"

#include <cstring>

namespace mail_relay {

void LineBlocks::added(std::size_t bytes) {
    const std::size_t end = kept_ + bytes;
    taken_ += bytes;
    std::size_t start = 0;
    if (skips_line_) {
        const void *newline = std::memchr(buffer_.get(), '\n', end);
        if (newline == nullptr) {
            kept_ = 0;
            return;
        }
        skips_line_ = false;
        start = offset_of(newline) + 1;
    }
    const void *last = ::memrchr(buffer_.get() + start, '\n', end - start);
    if (last != nullptr) {
        const std::size_t lines_end = offset_of(last) + 1;
        sink_({buffer_.get() + start, lines_end - start});
        start = lines_end;
    }
    kept_ = end - start;
    if (kept_ == kBytes) {
        skips_line_ = true;
        kept_ = 0;
    }
    std::memmove(buffer_.get(), buffer_.get() + start, kept_);
}

}  // namespace mail_relay
