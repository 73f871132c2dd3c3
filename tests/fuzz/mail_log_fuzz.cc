#include <string>

#include "agent_plugin/delivery_attempt.h"
#include "agent_plugin/delivery_state.h"
#include "agent_plugin/delivery_tally.h"
#include "agent_plugin/journal_entry.h"
#include "agent_plugin/log_line.h"
#include "agent_plugin/log_message.h"
#include "agent_plugin/log_time.h"
#include "tests/fuzz/fuzz_target.h"

namespace mail_relay::fuzz {
namespace {

constexpr std::int64_t kNow = 1795256400;

void parse_attempt(std::string_view text) {
    const auto attempt = parse_delivery_attempt(text);
    if (attempt) {
        require(is_part_of(attempt->recipient, text) && is_part_of(attempt->reason, text));
        relay_name(attempt->relay);
        is_at_loopback(attempt->relay);
    }
}

void parse_line(std::string_view line) {
    LogTimes times(kNow);
    const auto parsed = parse_log_line(line);
    if (!parsed) {
        return;
    }
    require(is_part_of(parsed->stamp, line) && is_part_of(parsed->text, line));
    require(times.read(parsed->stamp).value_or(0) <= kNow);
    program_of_tag(parsed->tag, "postfix");
    const LogMessage message = parse_log_message(parsed->text);
    require(is_part_of(message.rest, line) && is_part_of(message.queue_id, line));
    parse_attempt(message.rest);
}

void tally_lines(std::string_view lines) {
    DeliveryRecord record;
    LogScope scope;
    scope.syslog_names = {"mx", "postfix"};
    scope.relayhosts = {"smtp.example.org"};
    scope.sites = {{"mysite", 0}};
    scope.own_domains = {"example.org"};
    DeliveryTally tally(record, scope, kNow);
    tally.take(lines);
    const StatusCounts &totals = record.totals;
    require(totals.sent + totals.deferred + totals.bounced + totals.expired <= tally.lines());
    require(record.newest_line <= kNow && record.last_sent <= kNow);
    require(record.losses.size() <= DeliveryRecord::kMostSamples);
    require(record.relays.size() <= 2 * DeliveryRecord::kMostRelays);
    require(record.notifications.size() <= DeliveryRecord::kMostNotifications);
}

void parse_mail_log(std::string_view text) {
    tally_lines(text);
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        parse_line(line);
    }
}

void parse_journal(std::string_view json) {
    if (const auto entry = parse_journal_entry(json)) {
        const std::string line = log_line_of(*entry);
        require(line.empty() || line.find('\n') == line.size() - 1);
        parse_line(line.substr(0, line.find('\n')));
    }
}

void parse_kept_deliveries(std::string_view text) {
    if (const auto state = parse_delivery_state(text)) {
        const std::string written = serialize_delivery_state(*state);
        const auto again = parse_delivery_state(written);
        require(again && serialize_delivery_state(*again) == written);
    }
}

const Target kMailLog("mail_log", parse_mail_log);
const Target kJournal("journal_entry", parse_journal);
const Target kDeliveryState("delivery_state", parse_kept_deliveries);

}  // namespace
}  // namespace mail_relay::fuzz
