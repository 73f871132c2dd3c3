#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/warning_kind.h"
#include "common/failure_class.h"

namespace mail_relay {

inline constexpr std::size_t kFailureClasses = kFailureClassCount;

/// Counts by clock hour (UTC) of the last day, the current hour included. Log lines are dated no
/// later than now, and older ones than a day are not kept.
class HourlyCounts {
  public:
    static constexpr std::size_t kHours = 25;
    static constexpr std::int64_t kHour_s = 3600;
    static constexpr std::int64_t kDay_s = 86400;

    void add(std::int64_t time, std::uint64_t count = 1);

    /// Sum over the 24 h before `now`; of the oldest hour the part that lies in them.
    std::uint64_t last_day(std::int64_t now) const;

    /// Count of the hour that begins at `start`.
    std::uint64_t of_hour(std::int64_t start) const;

    struct Hour {
        std::int64_t number = -1;  ///< Unix time / 3600
        std::uint64_t count = 0;
    };
    const std::array<Hour, kHours> &hours() const { return hours_; }
    void restore(Hour hour);

  private:
    std::array<Hour, kHours> hours_{};
};

/// Recipients by what became of them.
struct StatusCounts {
    std::uint64_t sent = 0;
    std::uint64_t deferred = 0;
    std::uint64_t bounced = 0;
    std::uint64_t expired = 0;  ///< messages
};

struct RelayRecord {
    std::string name;  ///< "smtp.example.org:587", "local", "none"; "other" for the rest
    StatusCounts counts;
    HourlyCounts sent_hours;
    std::int64_t last_sent = 0;  ///< 0: never
    std::int64_t last_used = 0;
    std::uint64_t last_sent_at = 0;  ///< position in the sequence of lines
};

/// A failed attempt or a loss, word for word.
struct FailureSample {
    std::int64_t time = 0;
    std::string status;  ///< "deferred", "bounced", "expired"
    FailureClass failure = FailureClass::kOther;
    std::string relay;
    std::string dsn_status;
    std::string queue_id;
    std::string sender;  ///< "" when not known
    std::string recipient;
    std::string text;
};

struct ClassRecord {
    StatusCounts counts;
    HourlyCounts recent;        ///< deferred and bounced
    HourlyCounts lost;          ///< bounced and expired, notifications left out
    HourlyCounts unnotified;    ///< notifications that bounced or expired themselves
    FailureSample last;         ///< time 0: never
    std::uint64_t last_at = 0;  ///< position in the sequence of lines
    bool same_works = false;    ///< since then mail of that sender, or to that domain, was sent
};

struct WarningRecord {
    std::uint64_t count = 0;
    HourlyCounts recent;
    std::int64_t last = 0;
    std::uint64_t last_at = 0;
    std::string text;
};

/// A daemon that master(8) has stopped starting.
struct ThrottledDaemon {
    std::string name;
    std::int64_t last = 0;
    std::string fatal;       ///< what it said last before it ended; "" when not known
    bool recovered = false;  ///< it, or all of Postfix, has worked since
};

/// Counts of one delay stage, not cumulative.
struct DelayHistogram {
    static constexpr std::array<std::uint32_t, 6> kEnds_ms{100,   1000,   10000,
                                                           60000, 300000, 3600000};
    std::array<std::uint64_t, kEnds_ms.size() + 1> counts{};
    std::uint64_t sum_ms = 0;

    void add(std::uint64_t delay_ms);
};

/// A message of a Checkmk site.
struct SiteMessage {
    std::string site;
    std::int64_t time = 0;  ///< of the line that told so
};

/// Mail of one Checkmk site.
struct SiteMail {
    StatusCounts counts;
    HourlyCounts sent_hours;
    HourlyCounts lost_hours;
    std::int64_t last_sent = 0;
    FailureSample last_lost;  ///< time 0: never
    FailureSample last_deferred;
};

/// What was learned from the log of one instance since it is read: all that is remembered between
/// runs, apart from how far the log was read. Counters never fall.
struct DeliveryRecord {
    static constexpr std::size_t kMostRelays = 20;
    static constexpr std::size_t kMostSamples = 5;
    static constexpr std::size_t kMostNotifications = 1000;
    static constexpr std::size_t kMostSiteMessages = 5000;

    std::int64_t counters_since = 0;  ///< when counting began; 0: nothing was ever read
    std::int64_t first_line = 0;      ///< time stamp of the first line counted
    std::int64_t newest_line = 0;
    std::uint64_t sequence = 0;  ///< lines that said something of a delivery or were warnings

    StatusCounts totals;
    std::uint64_t other = 0;
    std::uint64_t removed = 0;
    std::uint64_t relayed = 0;           ///< recipients whose mail another host took
    std::uint64_t relayed_messages = 0;  ///< the messages of these
    std::uint64_t bounces_sent = 0;
    std::uint64_t double_bounces = 0;
    std::uint64_t discarded = 0;
    std::uint64_t gaps = 0;

    HourlyCounts sent_hours;
    HourlyCounts deferred_hours;
    HourlyCounts bounced_hours;
    HourlyCounts relayed_hours;
    HourlyCounts relayed_message_hours;

    /// By class. Some kilobytes each: a record that moves leaves them where they are.
    std::vector<ClassRecord> classes = std::vector<ClassRecord>(kFailureClasses);
    std::array<WarningRecord, kWarningKindCount> warnings{};
    std::vector<RelayRecord> relays;
    std::array<DelayHistogram, 4> delays{};  ///< before the queue manager, in it, connect, transmit

    std::int64_t last_sent = 0;
    std::uint64_t last_relayed_at = 0;  ///< position in the sequence of lines
    std::string last_sent_relay;
    std::string last_sent_id;
    FailureSample last_failure;
    std::vector<FailureSample> losses;  ///< newest first
    std::vector<ThrottledDaemon> throttled;

    /// Queue IDs of notifications under way.
    std::map<std::string, std::int64_t, std::less<>> notifications;
    std::map<std::string, SiteMessage, std::less<>> site_messages;  ///< under way, by queue ID
    std::map<std::string, SiteMail, std::less<>> sites;
};

/// Forgets the oldest eighth of a map that holds `most`.
template <class Map, class Time>
void make_room(Map &map, std::size_t most, Time time) {
    if (map.size() < most) {
        return;
    }
    std::vector<std::int64_t> times;
    times.reserve(map.size());
    for (const auto &[key, value] : map) {
        times.push_back(time(value));
    }
    const auto last = times.begin() + static_cast<std::ptrdiff_t>(most / 8);
    std::nth_element(times.begin(), last, times.end());
    std::erase_if(map, [&](const auto &entry) {
        return time(entry.second) <= *last && map.size() > most - most / 8;
    });
}

/// Whether mail went the same way as the last failure of this class since.
bool has_recovered(const DeliveryRecord &record, FailureClass failure);

}  // namespace mail_relay
