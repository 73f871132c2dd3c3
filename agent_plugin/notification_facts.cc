#include "agent_plugin/notification_facts.h"

#include <algorithm>

namespace mail_relay {

namespace {

void add_counts(HourlyCounts &sum, const HourlyCounts &more) {
    for (const HourlyCounts::Hour &hour : more.hours()) {
        if (hour.number >= 0) {
            sum.add(hour.number * HourlyCounts::kHour_s, hour.count);
        }
    }
}

void add_queue(SiteQueue &sum, const SiteQueue &more) {
    for (std::size_t i = 0; i < sum.waiting.size(); ++i) {
        sum.waiting.at(i) += more.waiting.at(i);
    }
    if (more.oldest_arrival) {
        sum.oldest_arrival =
            std::min(sum.oldest_arrival.value_or(*more.oldest_arrival), *more.oldest_arrival);
    }
    sum.reasons.insert(sum.reasons.end(), more.reasons.begin(), more.reasons.end());
    std::stable_sort(sum.reasons.begin(), sum.reasons.end(),
                     [](const DeferralReason &one, const DeferralReason &other) {
                         return one.messages > other.messages;
                     });
    sum.senders.insert(sum.senders.end(), more.senders.begin(), more.senders.end());
}

void add_mail(SiteMail &sum, const SiteMail &more) {
    sum.counts.sent += more.counts.sent;
    sum.counts.deferred += more.counts.deferred;
    sum.counts.bounced += more.counts.bounced;
    sum.counts.expired += more.counts.expired;
    add_counts(sum.sent_hours, more.sent_hours);
    add_counts(sum.lost_hours, more.lost_hours);
    sum.last_sent = std::max(sum.last_sent, more.last_sent);
    if (more.last_lost.time > sum.last_lost.time) {
        sum.last_lost = more.last_lost;
    }
    if (more.last_deferred.time > sum.last_deferred.time) {
        sum.last_deferred = more.last_deferred;
    }
}

}  // namespace

void add_instance(NotificationFacts &facts, const std::string &instance, const SiteQueues &queues,
                  const DeliveryRecord *record) {
    facts.instances.push_back(instance);
    facts.complete = facts.complete && queues.complete;
    facts.problems.insert(facts.problems.end(), queues.problems.begin(), queues.problems.end());
    if (const auto found = queues.sites.find(facts.site.name); found != queues.sites.end()) {
        add_queue(facts.queue, found->second);
    }
    if (record != nullptr) {
        if (const auto found = record->sites.find(facts.site.name); found != record->sites.end()) {
            add_mail(facts.mail, found->second);
        }
    }
}

}  // namespace mail_relay
