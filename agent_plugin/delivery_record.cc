#include "agent_plugin/delivery_record.h"

#include <algorithm>

namespace mail_relay {

void HourlyCounts::add(std::int64_t time, std::uint64_t count) {
    const std::int64_t number = time / kHour_s;
    Hour &hour = hours_[static_cast<std::uint64_t>(number) % kHours];
    if (hour.number < number) {
        hour = {number, 0};
    }
    if (hour.number == number) {
        hour.count += count;
    }
}

std::uint64_t HourlyCounts::last_day(std::int64_t now) const {
    const std::int64_t start = now - kDay_s;
    std::uint64_t sum = 0;
    for (const Hour &hour : hours_) {
        const std::int64_t begin = hour.number * kHour_s;
        const std::int64_t inside_s = std::clamp<std::int64_t>(begin + kHour_s - start, 0, kHour_s);
        if (hour.number >= 0 && inside_s > 0) {
            // Rounded up: what happened must not vanish before its hour has passed.
            const auto part = static_cast<std::uint64_t>(inside_s);
            sum += (hour.count * part + kHour_s - 1) / kHour_s;
        }
    }
    return sum;
}

std::uint64_t HourlyCounts::of_hour(std::int64_t start) const {
    const std::int64_t number = start / kHour_s;
    const Hour &hour = hours_[static_cast<std::uint64_t>(number) % kHours];
    return hour.number == number ? hour.count : 0;
}

void HourlyCounts::restore(Hour hour) {
    if (hour.number >= 0) {
        hours_[static_cast<std::uint64_t>(hour.number) % kHours] = hour;
    }
}

void DelayHistogram::add(std::uint64_t delay_ms) {
    std::size_t bucket = 0;
    while (bucket < kEnds_ms.size() && delay_ms > kEnds_ms.at(bucket)) {
        ++bucket;
    }
    ++counts.at(bucket);
    sum_ms += delay_ms;
}

bool has_recovered(const DeliveryRecord &record, FailureClass failure) {
    const ClassRecord &of_class = record.classes.at(static_cast<std::size_t>(failure));
    if (of_class.same_works) {
        return true;
    }
    // A refused sender or domain says nothing of others that use the same relay.
    const bool concerns_route =
        !(failure == FailureClass::kSenderRejected && !of_class.last.sender.empty()) &&
        failure != FailureClass::kLoop;
    return concerns_route &&
           std::any_of(record.relays.begin(), record.relays.end(), [&](const RelayRecord &relay) {
               return relay.name == of_class.last.relay && relay.last_sent_at > of_class.last_at;
           });
}

}  // namespace mail_relay
