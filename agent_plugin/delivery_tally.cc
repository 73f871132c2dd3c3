#include "agent_plugin/delivery_tally.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kLongestText = 500;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostThrottled = 16;
constexpr std::size_t kMostFatals = 16;
constexpr std::int64_t kThrottle_s = 60;  // master's service_throttle_time
constexpr std::string_view kOtherRelay = "other";

std::uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>()(text) | 1U;  // 0 is a free entry
}

/// What text of a line may be kept.
std::string kept(std::string_view text, std::size_t longest = kLongestText) {
    return std::string(text.substr(0, longest));
}

std::string_view domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool contains(const std::vector<std::string> &words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Forgets the oldest entry of a full map.
template <class Map, class Time>
void make_room(Map &map, std::size_t most, Time time) {
    if (map.size() >= most) {
        map.erase(std::min_element(map.begin(), map.end(), [&](const auto &one, const auto &other) {
            return time(one.second) < time(other.second);
        }));
    }
}

ClassRecord &class_record(DeliveryRecord &record, FailureClass failure) {
    return record.classes.at(static_cast<std::size_t>(failure));
}

}  // namespace

DeliveryTally::DeliveryTally(DeliveryRecord &record, LogScope scope, std::int64_t now)
    : record_(record),
      scope_(std::move(scope)),
      times_(now),
      senders_(kRecent),
      last_failures_(kRecent),
      relayed_ids_(kRecent),
      watches_throttled_(!record.throttled.empty()) {}

void DeliveryTally::take(std::string_view lines) {
    while (!lines.empty()) {
        const void *found = std::memchr(lines.data(), '\n', lines.size());
        const std::size_t size =
            found == nullptr
                ? lines.size()
                : static_cast<std::size_t>(static_cast<const char *>(found) - lines.data());
        take_line(lines.substr(0, size));
        lines.remove_prefix(std::min(size + 1, lines.size()));
    }
}

void DeliveryTally::take_line(std::string_view text) {
    ++lines_;
    const auto parts = parse_log_line(text);
    if (!parts) {
        unknown_lines_ += text.empty() ? 0 : 1;
        return;
    }
    Line line;
    line.parts = *parts;
    if (!is_ours(line)) {
        return;
    }
    line.message = parse_log_message(parts->text);
    take_message(line);
}

bool DeliveryTally::is_ours(Line &line) const {
    return std::any_of(scope_.syslog_names.begin(), scope_.syslog_names.end(),
                       [&line](const std::string &name) {
                           const auto program = program_of_tag(line.parts.tag, name);
                           line.program = program.value_or("");
                           return program.has_value();
                       });
}

bool DeliveryTally::date(Line &line) {
    const auto time = times_.read(line.parts.stamp);
    if (!time) {
        ++unknown_lines_;
        return false;
    }
    line.time = *time;
    ++record_.sequence;
    if (record_.first_line == 0) {
        record_.first_line = line.time;
    }
    record_.newest_line = std::max(record_.newest_line, line.time);
    return true;
}

void DeliveryTally::take_message(Line &line) {
    if (watches_throttled_) {
        notice_recovery(line);
    }
    if (const auto kind = warning_kind(line.program, line.message)) {
        if (date(line)) {
            take_warning(line, *kind);
        }
        return;
    }
    if (line.message.kind == LogMessageKind::kOther || !date(line)) {
        return;
    }
    switch (line.message.kind) {
        case LogMessageKind::kAttempt:
            return take_attempt(line);
        case LogMessageKind::kQueued:
            return take_queued(line);
        case LogMessageKind::kRemoved:
            return take_removed(line);
        case LogMessageKind::kExpired:
            return take_expired(line);
        case LogMessageKind::kSubmitted:
            return take_submitted(line);
        case LogMessageKind::kBounced:
            return take_bounced(line);
        case LogMessageKind::kDiscarded:
            ++record_.discarded;
            return;
        case LogMessageKind::kOther:
            return;
    }
}

void DeliveryTally::take_attempt(const Line &line) {
    const auto attempt = parse_delivery_attempt(line.message.rest);
    if (!attempt) {
        ++unknown_lines_;
    } else if (attempt->status == "sent") {
        take_sent(line, *attempt);
    } else if (attempt->status == "deferred" || attempt->status == "bounced") {
        take_failed(line, *attempt);
    } else {
        ++record_.other;
    }
}

void DeliveryTally::take_sent(const Line &line, const DeliveryAttempt &attempt) {
    RelayRecord &relay = record_.relays[relay_row(attempt.relay, line.time)];
    ++relay.counts.sent;
    relay.sent_hours.add(line.time);
    relay.last_sent = line.time;
    relay.last_sent_at = record_.sequence;
    ++record_.totals.sent;
    record_.sent_hours.add(line.time);
    if (is_relayed(line, attempt)) {
        count_relayed(line);
    }
    if (attempt.delays_ms) {
        for (std::size_t stage = 0; stage < record_.delays.size(); ++stage) {
            record_.delays.at(stage).add(attempt.delays_ms->at(stage));
        }
    }
    record_.last_sent = line.time;
    record_.last_sent_relay = relay.name;
    record_.last_sent_id.assign(line.message.queue_id);
    ClassRecord &refused = class_record(record_, FailureClass::kSenderRejected);
    if (refused.last.time != 0 && !refused.same_works && !refused.last.sender.empty()) {
        refused.same_works = sender_of(line.message.queue_id) == refused.last.sender;
    }
    ClassRecord &loop = class_record(record_, FailureClass::kLoop);
    if (loop.last.time != 0 && !loop.same_works) {
        loop.same_works = domain_of(attempt.recipient) == domain_of(loop.last.recipient);
    }
    if (SiteMail *site = site_of(line.message.queue_id)) {
        ++site->counts.sent;
        site->sent_hours.add(line.time);
        site->last_sent = line.time;
    }
}

void DeliveryTally::take_failed(const Line &line, const DeliveryAttempt &attempt) {
    const bool bounced = attempt.status == "bounced";
    RelayRecord &relay = record_.relays[relay_row(attempt.relay, line.time)];
    const FailureClass failure = failures_.classify(attempt.reason, attempt.dsn_status);
    ClassRecord &of_class = class_record(record_, failure);
    for (StatusCounts *counts : {&relay.counts, &record_.totals, &of_class.counts}) {
        ++(bounced ? counts->bounced : counts->deferred);
    }
    (bounced ? record_.bounced_hours : record_.deferred_hours).add(line.time);
    of_class.recent.add(line.time);
    RecentFailure &remembered = last_failures_[hash_of(line.message.queue_id) % kRecent];
    remembered = {hash_of(line.message.queue_id), failure};

    FailureSample &last = of_class.last;
    last.time = line.time;
    last.status.assign(attempt.status);
    last.failure = failure;
    last.relay.assign(relay.name);
    last.dsn_status.assign(attempt.dsn_status);
    last.queue_id.assign(line.message.queue_id);
    last.sender.assign(sender_of(line.message.queue_id).substr(0, kLongestName));
    last.recipient.assign(attempt.recipient.substr(0, kLongestName));
    last.text.assign(attempt.reason.substr(0, kLongestText));
    of_class.last_at = record_.sequence;
    of_class.same_works = false;
    record_.last_failure = last;
    SiteMail *site = site_of(line.message.queue_id);
    if (site != nullptr) {
        ++(bounced ? site->counts.bounced : site->counts.deferred);
        (bounced ? site->last_lost : site->last_deferred) = last;
        site->lost_hours.add(line.time, bounced ? 1 : 0);
    }
    if (bounced) {
        add_loss(of_class, last);
    }
}

void DeliveryTally::add_loss(ClassRecord &of_class, const FailureSample &sample) {
    const auto notification = record_.notifications.find(sample.queue_id);
    if (notification != record_.notifications.end()) {
        record_.notifications.erase(notification);
        ++record_.double_bounces;
        of_class.unnotified.add(sample.time);
        return;
    }
    of_class.lost.add(sample.time);
    record_.losses.insert(record_.losses.begin(), sample);
    if (record_.losses.size() > DeliveryRecord::kMostSamples) {
        record_.losses.pop_back();
    }
}

void DeliveryTally::take_expired(const Line &line) {
    // The last attempt stands just before it in the log.
    const std::uint64_t id = hash_of(line.message.queue_id);
    const RecentFailure &remembered = last_failures_[id % kRecent];
    FailureSample sample;
    sample.time = line.time;
    sample.status = "expired";
    sample.failure = remembered.id == id ? remembered.failure : FailureClass::kOther;
    sample.queue_id.assign(line.message.queue_id);
    sample.sender = kept(line.message.sender, kLongestName);
    ClassRecord &of_class = class_record(record_, sample.failure);
    if (of_class.last.queue_id == sample.queue_id) {
        sample.text = of_class.last.text;
        sample.recipient = of_class.last.recipient;
        sample.relay = of_class.last.relay;
        sample.dsn_status = of_class.last.dsn_status;
    }
    ++record_.totals.expired;
    ++of_class.counts.expired;
    record_.last_failure = sample;
    if (SiteMail *site = site_of(line.message.queue_id)) {
        ++site->counts.expired;
        site->lost_hours.add(line.time);
        site->last_lost = sample;
    }
    add_loss(of_class, sample);
}

void DeliveryTally::take_queued(const Line &line) {
    RecentSender &recent = senders_[hash_of(line.message.queue_id) % kRecent];
    recent.id = hash_of(line.message.queue_id);
    recent.sender.assign(line.message.sender.substr(0, kLongestName));
    if (scope_.sites.empty()) {
        return;
    }
    const std::string_view sender = line.message.sender;
    const std::string_view user = sender.substr(0, sender.rfind('@'));
    const auto site = std::find_if(scope_.sites.begin(), scope_.sites.end(),
                                   [user](const SiteUser &known) { return known.name == user; });
    if (site != scope_.sites.end() && contains(scope_.own_domains, domain_of(sender))) {
        follow_site_message(line.message.queue_id, site->name, line.time);
    }
}

void DeliveryTally::take_submitted(const Line &line) {
    const auto site =
        std::find_if(scope_.sites.begin(), scope_.sites.end(),
                     [&line](const SiteUser &known) { return known.uid == line.message.uid; });
    if (site != scope_.sites.end()) {
        follow_site_message(line.message.queue_id, site->name, line.time);
    }
}

void DeliveryTally::take_removed(const Line &line) {
    ++record_.removed;
    if (!record_.notifications.empty()) {
        if (const auto found = record_.notifications.find(line.message.queue_id);
            found != record_.notifications.end()) {
            record_.notifications.erase(found);
        }
    }
    if (!record_.site_messages.empty()) {
        if (const auto found = record_.site_messages.find(line.message.queue_id);
            found != record_.site_messages.end()) {
            record_.site_messages.erase(found);
        }
    }
}

void DeliveryTally::take_bounced(const Line &line) {
    ++record_.bounces_sent;
    make_room(record_.notifications, DeliveryRecord::kMostNotifications,
              [](std::int64_t time) { return time; });
    record_.notifications.insert_or_assign(std::string(line.message.other_id), line.time);
}

void DeliveryTally::take_warning(const Line &line, WarningKind kind) {
    WarningRecord &warning = record_.warnings.at(static_cast<std::size_t>(kind));
    ++warning.count;
    warning.recent.add(line.time);
    warning.last = line.time;
    warning.last_at = record_.sequence;
    warning.text.assign(line.message.rest.substr(0, kLongestText));
    if (kind == WarningKind::kThrottling) {
        throttle(line);
    }
    if (line.message.severity == LogSeverity::kFatal) {
        const auto known = std::find_if(fatals_.begin(), fatals_.end(), [&line](const auto &entry) {
            return entry.first == line.program;
        });
        if (known != fatals_.end()) {
            known->second = kept(line.message.rest);
        } else if (fatals_.size() < kMostFatals) {
            fatals_.emplace_back(kept(line.program, kLongestName), kept(line.message.rest));
        }
    }
}

/// "/usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"
void DeliveryTally::throttle(const Line &line) {
    const std::string_view path = line.message.rest.substr(0, line.message.rest.find(':'));
    const std::string name = kept(base_name(path), kLongestName);
    auto daemon =
        std::find_if(record_.throttled.begin(), record_.throttled.end(),
                     [&name](const ThrottledDaemon &known) { return known.name == name; });
    if (daemon == record_.throttled.end()) {
        if (record_.throttled.size() >= kMostThrottled) {
            return;
        }
        daemon = record_.throttled.insert(daemon, ThrottledDaemon{name, 0, "", false});
    }
    const auto fatal = std::find_if(fatals_.begin(), fatals_.end(),
                                    [&name](const auto &entry) { return entry.first == name; });
    if (fatal != fatals_.end()) {
        daemon->fatal = fatal->second;
    }
    daemon->last = line.time;
    daemon->recovered = false;
    watches_throttled_ = true;
}

void DeliveryTally::notice_recovery(const Line &line) {
    if (line.message.severity != LogSeverity::kNone) {
        return;
    }
    const bool all_start =
        line.program == "master" && line.parts.text.starts_with("daemon started");
    for (ThrottledDaemon &daemon : record_.throttled) {
        if (all_start) {
            daemon.recovered = true;
        } else if (line.program == daemon.name) {
            // Another service of the same program may work all the time: only one that works when
            // master would have throttled again shows that the cause is gone.
            const auto time = times_.read(line.parts.stamp);
            daemon.recovered = daemon.recovered || (time && *time > daemon.last + kThrottle_s);
        }
    }
}

void DeliveryTally::count_relayed(const Line &line) {
    ++record_.relayed;
    record_.relayed_hours.add(line.time);
    record_.last_relayed_at = record_.sequence;
    // Each recipient of a message has a line.
    const std::uint64_t id = hash_of(line.message.queue_id);
    if (std::exchange(relayed_ids_[id % kRecent], id) != id) {
        ++record_.relayed_messages;
        record_.relayed_message_hours.add(line.time);
    }
}

bool DeliveryTally::is_relayed(const Line &line, const DeliveryAttempt &attempt) {
    if (line.program != "smtp") {
        return false;
    }
    const std::string_view address = relay_address(attempt.relay);
    const bool is_local = address.starts_with("127.") || address == "::1" || address.empty();
    // A loopback address is a mail filter's, or that of a tunnel to the relay.
    return !is_local ||
           contains(scope_.relayhosts, attempt.relay.substr(0, attempt.relay.find('[')));
}

std::size_t DeliveryTally::relay_row(std::string_view relay, std::int64_t time) {
    const std::uint64_t hash = hash_of(relay);
    RecentRelay &recent = relays_.at(hash % kRecentRelays);
    if (recent.relay != hash) {
        recent = {hash, find_relay_row(relay, time)};
    }
    record_.relays[recent.row].last_used = time;
    return recent.row;
}

std::size_t DeliveryTally::find_relay_row(std::string_view relay, std::int64_t time) {
    const std::string name = kept(relay_name(relay), kLongestName);
    const auto row_of = [this](std::string_view wanted) {
        const auto found =
            std::find_if(record_.relays.begin(), record_.relays.end(),
                         [wanted](const RelayRecord &row) { return row.name == wanted; });
        return static_cast<std::size_t>(found - record_.relays.begin());
    };
    std::size_t row = row_of(name);
    const bool is_full = record_.relays.size() >= DeliveryRecord::kMostRelays - 1;
    const bool is_relayhost = contains(scope_.relayhosts, name.substr(0, name.rfind(':')));
    if (row == record_.relays.size() && is_full && !is_relayhost) {
        row = row_of(kOtherRelay);
    }
    if (row == record_.relays.size()) {
        RelayRecord fresh;
        fresh.name = is_full && !is_relayhost ? std::string(kOtherRelay) : name;
        fresh.last_used = time;
        record_.relays.push_back(std::move(fresh));
    }
    return row;
}

std::string_view DeliveryTally::sender_of(std::string_view queue_id) const {
    const std::uint64_t id = hash_of(queue_id);
    const RecentSender &recent = senders_[id % kRecent];
    return recent.id == id ? std::string_view(recent.sender) : std::string_view();
}

SiteMail *DeliveryTally::site_of(std::string_view queue_id) {
    if (record_.site_messages.empty()) {
        return nullptr;
    }
    const auto found = record_.site_messages.find(queue_id);
    return found == record_.site_messages.end() ? nullptr : &record_.sites[found->second.site];
}

void DeliveryTally::follow_site_message(std::string_view queue_id, const std::string &site,
                                        std::int64_t time) {
    make_room(record_.site_messages, DeliveryRecord::kMostSiteMessages,
              [](const SiteMessage &message) { return message.time; });
    record_.site_messages.insert_or_assign(std::string(queue_id), SiteMessage{site, time});
}

}  // namespace mail_relay
