#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/delivery_record.h"

namespace mail_relay {

/// Finds the row of a relay among a record's, of which there are only so many: the relayhosts'
/// have one each, others one as long as there is room, the rest is "other".
class RelayRows {
  public:
    /// Rows that have not been used for a week make room: their counts go to "other".
    RelayRows(std::vector<RelayRecord> &rows, const std::vector<std::string> &relayhosts,
              std::int64_t now);

    /// The row of a relay as a log line names it; valid until the next call.
    RelayRecord &row_of(std::string_view relay, std::int64_t time);

  private:
    std::size_t find_row(std::string name);
    std::size_t index_of(std::string_view name) const;
    void retire_unused(std::int64_t now);

    struct Recent {
        std::uint64_t relay = 0;  // hash of its name; 0: none
        std::size_t row = 0;
    };
    static constexpr std::size_t kRecent = 2048;

    std::vector<RelayRecord> &rows_;
    const std::vector<std::string> &relayhosts_;
    std::vector<Recent> recent_;  // none before there is a line
};

}  // namespace mail_relay
