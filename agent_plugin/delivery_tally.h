#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/daemon_watch.h"
#include "agent_plugin/delivery_attempt.h"
#include "agent_plugin/delivery_record.h"
#include "agent_plugin/failure_cache.h"
#include "agent_plugin/log_line.h"
#include "agent_plugin/log_message.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/log_time.h"
#include "agent_plugin/recent_messages.h"
#include "agent_plugin/relay_rows.h"
#include "agent_plugin/scoped_tags.h"
#include "agent_plugin/site_mail_tally.h"

namespace mail_relay {

/// Adds the lines of a log to a record. Memory is bounded whatever the lines say.
class DeliveryTally {
  public:
    DeliveryTally(DeliveryRecord &record, LogScope scope, std::int64_t now);

    /// Whole lines, each ended by a newline (the last one need not be).
    void take(std::string_view lines);

    std::uint64_t lines() const { return lines_; }
    std::uint64_t unknown_lines() const { return unknown_lines_; }  ///< of no form known here

  private:
    /// The line that is just looked at.
    struct Line {
        LogLine parts;
        std::string_view program;
        LogMessage message;
        std::int64_t time = 0;
        bool is_shared = false;  // other instances log under this name, too
    };

    void take_line(std::string_view text);
    bool date(Line &line);
    void take_message(Line &line);

    void take_attempt(const Line &line);
    void take_sent(const Line &line, const DeliveryAttempt &attempt);
    void take_failed(const Line &line, const DeliveryAttempt &attempt);
    void take_expired(const Line &line);
    void take_bounced(const Line &line);
    void take_warning(const Line &line, WarningKind kind);

    void note_failure(FailureSample &sample, const Line &line, const DeliveryAttempt &attempt,
                      const std::string &relay) const;
    void notice_success(const Line &line, const DeliveryAttempt &attempt);
    void add_loss(ClassRecord &of_class, const FailureSample &sample);
    bool is_relayed(const Line &line, const DeliveryAttempt &attempt) const;
    void count_relayed(const Line &line);

    DeliveryRecord &record_;
    const LogScope scope_;
    ScopedTags tags_;
    LogTimes times_;
    FailureCache failures_;
    RecentMessages messages_;
    RelayRows relays_;
    SiteMailTally sites_;
    DaemonWatch daemons_;
    std::uint64_t lines_ = 0;
    std::uint64_t unknown_lines_ = 0;
};

}  // namespace mail_relay
