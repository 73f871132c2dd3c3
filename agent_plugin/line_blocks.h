#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace mail_relay {

/// Takes whole lines, each with its newline.
using LineSink = std::function<void(std::string_view lines)>;

/// Passes on the whole lines of what is put in; what is left over waits for more. A line longer
/// than the buffer is left out.
class LineBlocks {
  public:
    static constexpr std::size_t kBytes = 64U << 10U;  // what is done with it stays in the caches

    /// `inside_line`: what comes up to the first newline is the rest of a line that does not count.
    LineBlocks(const LineSink &sink, bool inside_line)
        : sink_(sink),
          buffer_(std::make_unique_for_overwrite<char[]>(kBytes)),  // NOLINT(*-c-arrays)
          skips_line_(inside_line) {}

    /// Where the next bytes go. There is always room.
    char *room() { return buffer_.get() + kept_; }
    std::size_t room_bytes() const { return kBytes - kept_; }

    /// Bytes were put into the room.
    void added(std::size_t bytes);

    /// Bytes that are done with.
    std::uint64_t done() const { return taken_ - kept_; }
    bool inside_line() const { return skips_line_; }

  private:
    std::size_t offset_of(const void *place) const {
        return static_cast<std::size_t>(static_cast<const char *>(place) - buffer_.get());
    }

    const LineSink &sink_;
    std::unique_ptr<char[]> buffer_;  // NOLINT(*-c-arrays)
    std::size_t kept_ = 0;
    std::uint64_t taken_ = 0;
    bool skips_line_;
};

}  // namespace mail_relay
