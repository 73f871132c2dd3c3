#include "agent_plugin/delivery_state.h"

#include <boost/json.hpp>
#include <exception>
#include <type_traits>
#include <utility>

#include "agent_plugin/state_arrays.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr int kFormat = 1;

std::string_view name_at(std::size_t index, const ClassRecord & /*row*/) {
    return failure_class_name(static_cast<FailureClass>(index));
}
std::string_view name_at(std::size_t index, const WarningRecord & /*row*/) {
    return warning_kind_name(static_cast<WarningKind>(index));
}

bool is_empty(const ClassRecord &row) {
    return row.counts.deferred + row.counts.bounced + row.counts.expired == 0;
}
bool is_empty(const WarningRecord &row) {
    return row.count == 0;
}

// Rows by name and without the empty ones, so that a version with other classes can read them.
template <class Rows>
void write_named(StateWriter &to, const Rows &rows) {
    StateWriter list;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!is_empty(rows[i])) {
            list(std::string(name_at(i, rows[i])), rows[i]);
        }
    }
    to.append(list.take());
}

template <class Rows>
void read_named(StateReader &from, Rows &rows) {
    for (StateReader list(from.next()); !list.at_end();) {
        std::string name;
        typename Rows::value_type row;
        list(name, row);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (name_at(i, row) == name) {
                rows[i] = row;
            }
        }
    }
}

}  // namespace

/// Struct or const Struct.
template <class Given, class Struct>
concept Is = std::is_same_v<std::remove_const_t<Given>, Struct>;

static void members(auto &walk, Is<StatusCounts> auto &v) {
    walk(v.sent, v.deferred, v.bounced, v.expired);
}
static void members(auto &walk, Is<RelayRecord> auto &v) {
    walk(v.name, v.counts, v.sent_hours, v.last_sent, v.last_used, v.last_sent_at);
}
static void members(auto &walk, Is<FailureSample> auto &v) {
    walk(v.time, v.status, v.failure, v.relay, v.dsn_status, v.queue_id, v.sender, v.recipient,
         v.text);
}
static void members(auto &walk, Is<ClassRecord> auto &v) {
    walk(v.counts, v.recent, v.lost, v.unnotified, v.last, v.last_at, v.same_works);
}
static void members(auto &walk, Is<WarningRecord> auto &v) {
    walk(v.count, v.recent, v.last, v.last_at, v.text);
}
static void members(auto &walk, Is<ThrottledDaemon> auto &v) {
    walk(v.name, v.last, v.fatal, v.recovered);
}
static void members(auto &walk, Is<DelayHistogram> auto &v) {
    walk(v.counts, v.sum_ms);
}
static void members(auto &walk, Is<SiteMessage> auto &v) {
    walk(v.site, v.time);
}
static void members(auto &walk, Is<SiteMail> auto &v) {
    walk(v.counts, v.sent_hours, v.lost_hours, v.last_sent, v.last_lost, v.last_deferred);
}
static void members(auto &walk, Is<LogPosition> auto &v) {
    walk(v.device, v.inode, v.offset, v.tail_bytes, v.tail_hash, v.modified, v.inside_line);
}
static void members(auto &walk, Is<LogProgress> auto &v) {
    walk(v.file, v.previous, v.previous_path, v.previous_until, v.cursor, v.cursor_time_us);
}
static void members(auto &walk, Is<DeliveryRecord> auto &v) {
    walk(v.counters_since, v.first_line, v.newest_line, v.sequence, v.totals, v.other, v.removed,
         v.relayed, v.relayed_messages, v.bounces_sent, v.double_bounces, v.discarded, v.gaps,
         v.sent_hours, v.deferred_hours, v.bounced_hours, v.relayed_hours, v.relayed_message_hours,
         v.classes, v.warnings, v.relays, v.delays, v.last_sent, v.last_relayed_at,
         v.last_sent_relay, v.last_sent_id, v.last_failure, v.losses, v.throttled, v.notifications,
         v.site_messages, v.sites);
}
static void members(auto &walk, Is<DeliveryState> auto &v) {
    walk(v.source, v.progress, v.record);
}

static void write(StateWriter &to, const HourlyCounts &counts) {
    json::array hours;
    for (const auto &hour : counts.hours()) {
        if (hour.count > 0) {
            hours.emplace_back(json::array{hour.number, hour.count});
        }
    }
    to.append(std::move(hours));
}

static void read(StateReader &from, HourlyCounts &counts) {
    for (const json::value &hour : from.next().as_array()) {
        counts.restore({hour.as_array().at(0).to_number<std::int64_t>(),
                        hour.as_array().at(1).to_number<std::uint64_t>()});
    }
}

static void write(StateWriter &to, FailureClass failure) {
    to.append(json::string(failure_class_name(failure)));
}

static void read(StateReader &from, FailureClass &failure) {
    const json::string &name = from.next().as_string();
    failure = FailureClass::kOther;
    for (int i = 0; i < kFailureClassCount; ++i) {
        if (failure_class_name(static_cast<FailureClass>(i)) == std::string_view(name)) {
            failure = static_cast<FailureClass>(i);
        }
    }
}

static void write(StateWriter &to, const decltype(DeliveryRecord::classes) &rows) {
    write_named(to, rows);
}
static void read(StateReader &from, decltype(DeliveryRecord::classes) &rows) {
    read_named(from, rows);
}
static void write(StateWriter &to, const decltype(DeliveryRecord::warnings) &rows) {
    write_named(to, rows);
}
static void read(StateReader &from, decltype(DeliveryRecord::warnings) &rows) {
    read_named(from, rows);
}

std::string serialize_delivery_state(const DeliveryState &state) {
    StateWriter writer;
    writer(kFormat, state);
    return json::serialize(writer.take());
}

Result<DeliveryState> parse_delivery_state(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        StateReader reader(value);
        int format = 0;
        reader(format);
        if (format != kFormat) {
            return failed("it has format {}, not {}", format, kFormat);
        }
        DeliveryState state;
        reader(state);
        return state;
    } catch (const std::exception &error) {
        return failed("it is damaged: {}", error.what());
    }
}

}  // namespace mail_relay
