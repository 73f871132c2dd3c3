#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/delivery_attempt.h"
#include "agent_plugin/delivery_record.h"
#include "agent_plugin/failure_cache.h"
#include "agent_plugin/log_line.h"
#include "agent_plugin/log_message.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/log_time.h"

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
    };

    void take_line(std::string_view line);
    bool is_ours(Line &line) const;
    bool date(Line &line);
    void take_message(Line &line);

    void take_attempt(const Line &line);
    void take_sent(const Line &line, const DeliveryAttempt &attempt);
    void take_failed(const Line &line, const DeliveryAttempt &attempt);
    void take_expired(const Line &line);
    void take_queued(const Line &line);
    void take_submitted(const Line &line);
    void take_removed(const Line &line);
    void take_bounced(const Line &line);
    void take_warning(const Line &line, WarningKind kind);

    void throttle(const Line &line);
    void notice_recovery(const Line &line);
    void add_loss(ClassRecord &of_class, const FailureSample &sample);
    void count_relayed(const Line &line);
    bool is_relayed(const Line &line, const DeliveryAttempt &attempt);
    std::size_t relay_row(std::string_view relay, std::int64_t time);
    std::size_t find_relay_row(std::string_view relay, std::int64_t time);
    SiteMail *site_of(std::string_view queue_id);
    void follow_site_message(std::string_view queue_id, const std::string &site, std::int64_t time);

    /// Sender or failure class of messages seen lately, by queue ID; older ones are overwritten.
    struct RecentSender {
        std::uint64_t id = 0;
        std::string sender;
    };
    struct RecentFailure {
        std::uint64_t id = 0;
        FailureClass failure = FailureClass::kOther;
    };
    struct RecentRelay {
        std::uint64_t relay = 0;
        std::size_t row = 0;
    };
    static constexpr std::size_t kRecent = 4096;
    static constexpr std::size_t kRecentRelays = 256;

    std::string_view sender_of(std::string_view queue_id) const;

    DeliveryRecord &record_;
    LogScope scope_;
    LogTimes times_;
    FailureCache failures_;
    std::vector<RecentSender> senders_;
    std::vector<RecentFailure> last_failures_;
    std::vector<std::uint64_t> relayed_ids_;
    std::array<RecentRelay, kRecentRelays> relays_{};
    std::vector<std::pair<std::string, std::string>> fatals_;  // daemon, text
    bool watches_throttled_ = false;
    std::uint64_t lines_ = 0;
    std::uint64_t unknown_lines_ = 0;
};

}  // namespace mail_relay
