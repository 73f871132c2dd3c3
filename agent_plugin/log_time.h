#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay {

/// Reads the time stamps of log lines as Unix seconds. Lines follow each other closely, so what the
/// last stamp meant is remembered.
class LogTimes {
  public:
    /// Classic stamps have no year: they get the one that puts them no more than a day after `now`,
    /// and are in the local time of this process.
    explicit LogTimes(std::int64_t now) : now_(now) {}

    /// "Nov 21 09:02:05" or RFC 3339; nullopt for anything else. What is dated after `now` is taken
    /// as of `now`.
    std::optional<std::int64_t> read(std::string_view stamp);

  private:
    std::int64_t now_;
    std::string minute_;             // of the last stamp: "Nov 21 09:02"
    std::string zone_;               // of the last stamp: "+01:00", "" in a classic one
    std::int64_t minute_start_ = 0;  // Unix seconds
};

}  // namespace mail_relay
