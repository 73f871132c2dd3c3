#include "agent_plugin/delivery_tally.h"

#include <algorithm>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kLongestText = 500;
constexpr std::size_t kLongestName = 128;

std::string_view domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

ClassRecord &class_record(DeliveryRecord &record, FailureClass failure) {
    return record.classes.at(static_cast<std::size_t>(failure));
}

}  // namespace

DeliveryTally::DeliveryTally(DeliveryRecord &record, LogScope scope, std::int64_t now)
    : record_(record),
      scope_(std::move(scope)),
      tags_(scope_),
      times_(now),
      relays_(record.relays, scope_.relayhosts, now),
      sites_(record, scope_),
      daemons_(record.throttled) {}

void DeliveryTally::take(std::string_view lines) {
    while (!lines.empty()) {
        const std::size_t size = std::min(lines.find('\n'), lines.size());
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
    const ScopedTags::Tag tag = tags_.look_up(parts->tag);
    if (!tag.is_ours || (tag.is_bystander && !has_severity(parts->text) && !daemons_.watches())) {
        return;
    }
    Line line;
    line.parts = *parts;
    line.program = tag.program;
    line.is_shared = tag.is_shared;
    line.message = parse_log_message(parts->text);
    take_message(line);
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
    if (line.is_shared && !messages_.is_known(line.message.queue_id)) {
        return;  // as likely another instance's
    }
    const auto warning = warning_kind(line.program, line.message);
    const bool is_dated = warning || line.message.kind != LogMessageKind::kOther;
    if ((is_dated || daemons_.watches()) && !date(line)) {
        return;
    }
    if (warning) {
        return take_warning(line, *warning);
    }
    if (daemons_.watches()) {
        daemons_.spoke(line.program, line.parts.text, line.time);
    }
    const std::string_view id = line.message.queue_id;
    switch (line.message.kind) {
        case LogMessageKind::kAttempt:
            return take_attempt(line);
        case LogMessageKind::kQueued:
            messages_.queued(id, line.message.sender);
            return sites_.queued(id, line.message.sender, line.time);
        case LogMessageKind::kRemoved:
            ++record_.removed;
            if (const auto own = record_.notifications.find(id);
                own != record_.notifications.end()) {
                record_.notifications.erase(own);
            }
            return sites_.removed(id);
        case LogMessageKind::kExpired:
            return take_expired(line);
        case LogMessageKind::kSubmitted:
            return sites_.submitted(id, line.message.uid, line.time);
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
    } else if (attempt->status == "deferred" || attempt->status == "bounced" ||
               attempt->status == "SOFTBOUNCE") {
        take_failed(line, *attempt);
    } else {
        ++record_.other;
    }
}

void DeliveryTally::take_sent(const Line &line, const DeliveryAttempt &attempt) {
    RelayRecord &relay = relays_.row_of(attempt.relay, line.time);
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
            record_.delays[stage].add((*attempt.delays_ms)[stage]);
        }
    }
    record_.last_sent = line.time;
    record_.last_sent_relay = relay.name;
    record_.last_sent_id.assign(line.message.queue_id);
    notice_success(line, attempt);
    if (SiteMail *site = sites_.of(line.message.queue_id)) {
        ++site->counts.sent;
        site->sent_hours.add(line.time);
        site->last_sent = line.time;
    }
}

/// What concerned one sender or one domain is over when mail of that sender or to that domain gets
/// through.
void DeliveryTally::notice_success(const Line &line, const DeliveryAttempt &attempt) {
    ClassRecord &refused = class_record(record_, FailureClass::kSenderRejected);
    if (refused.last.time != 0 && !refused.same_works && !refused.last.sender.empty()) {
        refused.same_works = messages_.sender_of(line.message.queue_id) == refused.last.sender;
    }
    ClassRecord &loop = class_record(record_, FailureClass::kLoop);
    if (loop.last.time != 0 && !loop.same_works) {
        loop.same_works = domain_of(attempt.recipient) == domain_of(loop.last.recipient);
    }
}

void DeliveryTally::take_failed(const Line &line, const DeliveryAttempt &attempt) {
    const bool bounced = attempt.status == "bounced";
    RelayRecord &relay = relays_.row_of(attempt.relay, line.time);
    const FailureClass failure = failures_.classify(attempt.reason, attempt.dsn_status);
    ClassRecord &of_class = class_record(record_, failure);
    for (StatusCounts *counts : {&relay.counts, &record_.totals, &of_class.counts}) {
        ++(bounced ? counts->bounced : counts->deferred);
    }
    (bounced ? record_.bounced_hours : record_.deferred_hours).add(line.time);
    of_class.recent.add(line.time);
    of_class.last.failure = failure;
    note_failure(of_class.last, line, attempt, relay.name);
    of_class.last_at = record_.sequence;
    of_class.same_works = false;
    record_.last_failure = of_class.last;
    messages_.failed(line.message.queue_id, failure);
    if (SiteMail *site = sites_.of(line.message.queue_id)) {
        ++(bounced ? site->counts.bounced : site->counts.deferred);
        (bounced ? site->last_lost : site->last_deferred) = of_class.last;
        site->lost_hours.add(line.time, bounced ? 1 : 0);
    }
    if (bounced) {
        add_loss(of_class, of_class.last);
    }
}

void DeliveryTally::note_failure(FailureSample &sample, const Line &line,
                                 const DeliveryAttempt &attempt, const std::string &relay) const {
    sample.time = line.time;
    sample.status.assign(attempt.status == "bounced" ? "bounced" : "deferred");
    sample.relay.assign(relay);
    sample.dsn_status.assign(attempt.dsn_status);
    sample.queue_id.assign(line.message.queue_id);
    sample.sender.assign(messages_.sender_of(line.message.queue_id));
    sample.recipient.assign(attempt.recipient.substr(0, kLongestName));
    sample.text.assign(attempt.reason.substr(0, kLongestText));
}

void DeliveryTally::add_loss(ClassRecord &of_class, const FailureSample &sample) {
    // bounce(8) may say which message the notice is only after that has failed.
    const bool is_notice =
        messages_.is_notice(sample.queue_id) ||
        record_.notifications.find(sample.queue_id) != record_.notifications.end();
    if (is_notice) {
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
    FailureSample sample;
    sample.time = line.time;
    sample.status = "expired";
    sample.failure = messages_.failure_of(line.message.queue_id);
    sample.queue_id.assign(line.message.queue_id);
    sample.sender.assign(line.message.sender.substr(0, kLongestName));
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
    if (SiteMail *site = sites_.of(line.message.queue_id)) {
        ++site->counts.expired;
        site->lost_hours.add(line.time);
        site->last_lost = sample;
    }
    add_loss(of_class, sample);
}

void DeliveryTally::take_bounced(const Line &line) {
    ++record_.bounces_sent;
    make_room(record_.notifications, DeliveryRecord::kMostNotifications,
              [](std::int64_t time) { return time; });
    record_.notifications.insert_or_assign(std::string(line.message.other_id), line.time);
}

void DeliveryTally::take_warning(const Line &line, WarningKind kind) {
    WarningRecord &warning = record_.warnings.at(static_cast<std::size_t>(kind));
    warning.count += line.message.times;
    warning.recent.add(line.time, line.message.times);
    warning.last = line.time;
    warning.last_at = record_.sequence;
    warning.text.assign(line.message.rest.substr(0, kLongestText));
    if (kind == WarningKind::kThrottling) {
        daemons_.throttled(line.message.rest, line.time);
    } else if (line.message.severity == LogSeverity::kFatal) {
        daemons_.died(line.program, line.message.rest);
    }
}

void DeliveryTally::count_relayed(const Line &line) {
    ++record_.relayed;
    record_.relayed_hours.add(line.time);
    record_.last_relayed_at = record_.sequence;
    // Each recipient of a message has a line.
    if (messages_.relayed(line.message.queue_id)) {
        ++record_.relayed_messages;
        record_.relayed_message_hours.add(line.time);
    }
}

bool DeliveryTally::is_relayed(const Line &line, const DeliveryAttempt &attempt) const {
    if (line.program != "smtp") {
        return false;
    }
    // A loopback address is a mail filter's, or that of a tunnel to the relay.
    return !is_at_loopback(attempt.relay) ||
           std::find(scope_.relayhosts.begin(), scope_.relayhosts.end(),
                     attempt.relay.substr(0, attempt.relay.find('['))) != scope_.relayhosts.end();
}

}  // namespace mail_relay
