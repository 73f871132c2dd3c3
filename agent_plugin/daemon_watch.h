#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/delivery_record.h"

namespace mail_relay {

/// Follows in a log which daemons master(8) has stopped starting because they die at once.
class DaemonWatch {
  public:
    explicit DaemonWatch(std::vector<ThrottledDaemon> &throttled) : throttled_(throttled) {}

    /// A program ended with these words.
    void died(std::string_view program, std::string_view words);

    /// master's "/usr/lib/postfix/sbin/smtpd: bad command startup -- throttling".
    void throttled(std::string_view text, std::int64_t time);

    /// Whether any daemon is watched for its recovery.
    bool watches() const;

    /// A program says something that is no complaint.
    void spoke(std::string_view program, std::string_view text, std::int64_t time);

  private:
    std::vector<ThrottledDaemon> &throttled_;
    std::vector<std::pair<std::string, std::string>> last_words_;  // by program
};

}  // namespace mail_relay
