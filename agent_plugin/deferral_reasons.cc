#include "agent_plugin/deferral_reasons.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "common/failure_text.h"

namespace mail_relay {

namespace {

constexpr std::string_view kFurther = "(further reasons)";

void add_arrival(std::optional<std::int64_t> &oldest, std::optional<std::int64_t> arrival) {
    if (arrival && (!oldest || *arrival < *oldest)) {
        oldest = arrival;
    }
}

// A group that was only counted has no text yet.
bool is_known(const DeferralReason &group) {
    return !group.text.empty();
}

}  // namespace

DeferralReasons::DeferralReasons(QueueHash hash) : hash_(hash) {}

std::uint32_t DeferralReasons::learn(std::string_view reason, std::string_view dsn_status) {
    const auto text_hash = hash_(reason) ^ hash_(dsn_status);
    Recent &recent = recent_.at(text_hash % recent_.size());
    if (recent.tag == 0 || recent.text_hash != text_hash) {
        recent = {text_hash, classify(reason, dsn_status)};
    }
    return recent.tag;
}

std::uint32_t DeferralReasons::classify(std::string_view reason, std::string_view dsn_status) {
    const auto failure = classify_failure(reason, dsn_status);
    auto text = normalise_failure_text(reason);
    if (text.empty()) {
        text = "(no reason given)";
    }
    const auto tag_of = [&](std::string_view group_text) {
        return hash_.tag(std::string(failure_class_name(failure)).append(" ").append(group_text));
    };
    auto tag = tag_of(text);
    if (!knows(tag) && groups_.size() >= kMostReasons) {
        text = kFurther;
        tag = tag_of(text);
    }
    DeferralReason &group = groups_[tag];
    if (!is_known(group)) {
        group.failure = failure;
        group.dsn_status = dsn_status.substr(0, sizeof "5.999.999" - 1);
        group.text = std::move(text);
        group.sample = reason.substr(0, kLongestSample);
    }
    return tag;
}

void DeferralReasons::restore(std::uint32_t tag, DeferralReason group) {
    if (groups_.size() < kMostReasons + kFailureClassCount && !group.text.empty()) {
        groups_.emplace(tag, std::move(group));
    }
}

bool DeferralReasons::knows(std::uint32_t tag) const {
    const auto found = groups_.find(tag);
    return found != groups_.end() && is_known(found->second);
}

void DeferralReasons::count(std::uint32_t tag, std::uint32_t arrival) {
    DeferralReason &group = groups_[tag];
    ++group.messages;
    add_arrival(group.oldest_arrival, arrival == 0 ? std::nullopt : std::optional(arrival));
}

void DeferralReasons::merge(const DeferralReasons &other) {
    for (const auto &[tag, theirs] : other.groups_) {
        DeferralReason &group = groups_[tag];
        if (!is_known(group)) {
            group.failure = theirs.failure;
            group.dsn_status = theirs.dsn_status;
            group.text = theirs.text;
            group.sample = theirs.sample;
        }
        group.messages += theirs.messages;
        add_arrival(group.oldest_arrival, theirs.oldest_arrival);
    }
}

std::vector<DeferralReason> DeferralReasons::counted() const {
    std::vector<DeferralReason> counted;
    for (const auto &[tag, group] : groups_) {
        if (group.messages > 0 && is_known(group)) {
            counted.push_back(group);
        }
    }
    std::sort(counted.begin(), counted.end(), [](const auto &a, const auto &b) {
        return std::tie(b.messages, a.failure, a.text) < std::tie(a.messages, b.failure, b.text);
    });
    return counted;
}

}  // namespace mail_relay
