#include "agent_plugin/relay_rows.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "agent_plugin/delivery_attempt.h"

namespace mail_relay {

namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::int64_t kUnusedAfter_s = std::int64_t{7} * 86400;
constexpr std::string_view kOther = "other";

RelayRecord fresh_row(std::string_view name) {
    RelayRecord row;
    row.name.assign(name);
    return row;
}

}  // namespace

RelayRows::RelayRows(std::vector<RelayRecord> &rows, const std::vector<std::string> &relayhosts,
                     std::int64_t now)
    : rows_(rows), relayhosts_(relayhosts) {
    retire_unused(now);
}

RelayRecord &RelayRows::row_of(std::string_view relay, std::int64_t time) {
    recent_.resize(kRecent);
    const RelayName name = relay_name(relay);
    const std::hash<std::string_view> hash_of;
    const std::uint64_t hash = (hash_of(name.host) ^ (hash_of(name.port) << 1U)) | 1U;
    Recent &recent = recent_[(hash >> 1U) % kRecent];
    if (recent.relay != hash) {
        recent = {hash, find_row(name.text())};
    }
    RelayRecord &row = rows_[recent.row];
    row.last_used = time;
    return row;
}

std::size_t RelayRows::index_of(std::string_view name) const {
    const auto found = std::find_if(rows_.begin(), rows_.end(),
                                    [name](const RelayRecord &row) { return row.name == name; });
    return static_cast<std::size_t>(found - rows_.begin());
}

std::size_t RelayRows::find_row(std::string name) {
    name.resize(std::min(name.size(), kLongestName));
    std::size_t row = index_of(name);
    if (row < rows_.size()) {
        return row;
    }
    const bool is_relayhost = std::find(relayhosts_.begin(), relayhosts_.end(),
                                        name.substr(0, name.rfind(':'))) != relayhosts_.end();
    const std::size_t most =
        is_relayhost ? 2 * DeliveryRecord::kMostRelays : DeliveryRecord::kMostRelays;
    if (rows_.size() + 1 >= most) {
        name = kOther;
        row = index_of(name);
    }
    if (row == rows_.size()) {
        rows_.push_back(fresh_row(name));
    }
    return row;
}

void RelayRows::retire_unused(std::int64_t now) {
    if (rows_.size() + 1 < DeliveryRecord::kMostRelays) {
        return;
    }
    RelayRecord other = fresh_row(kOther);
    const auto is_retired = [&](const RelayRecord &row) {
        if (row.name != kOther && now - row.last_used < kUnusedAfter_s) {
            return false;
        }
        other.counts.sent += row.counts.sent;
        other.counts.deferred += row.counts.deferred;
        other.counts.bounced += row.counts.bounced;
        other.counts.expired += row.counts.expired;
        other.last_sent = std::max(other.last_sent, row.last_sent);
        other.last_used = std::max(other.last_used, row.last_used);
        if (row.name == kOther) {
            other.sent_hours = row.sent_hours;  // of a week ago nothing is in them
            other.last_sent_at = row.last_sent_at;
        }
        return true;
    };
    if (std::erase_if(rows_, is_retired) > 0) {
        rows_.push_back(std::move(other));
    }
}

}  // namespace mail_relay
