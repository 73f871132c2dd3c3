#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/line_blocks.h"
#include "agent_plugin/log_position.h"

namespace mail_relay {

/// The unpacked content of a compressed log, which is looked through piece by piece for the place
/// up to which it was read before it was compressed.
class PackedLog {
  public:
    /// What stands behind the position goes to `sink`.
    PackedLog(const LogPosition &position, const LineSink &sink)
        : start_(position), blocks_(sink, position.inside_line) {}

    /// The next piece of content. False: the file is not the one that was read before.
    bool take(std::string_view piece);

    /// Whether the content up to now holds the position.
    bool is_ours() const { return !is_foreign_ && at_ >= start_.offset; }

    /// Puts the position behind what was passed on. Only of a file that is ours.
    void move_on(LogPosition &position) const;

  private:
    /// The bytes that end at `offset` of the content; it is among the recent ones.
    std::string_view before(std::uint64_t offset, std::size_t bytes) const;
    bool holds_start() const;

    const LogPosition start_;
    LineBlocks blocks_;
    std::string recent_;
    std::uint64_t at_ = 0;
    bool is_foreign_ = false;
};

}  // namespace mail_relay
