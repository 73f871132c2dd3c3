#include "agent_plugin/notification_look.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <exception>

#include "agent_plugin/diagnose_notifications.h"
#include "agent_plugin/render_notifications.h"

namespace mail_relay {

namespace {

constexpr std::chrono::milliseconds kQueueTime(500);

SiteQueues gather_queues(const Subject &subject) {
    const Configuration &configuration = subject.reading.settings.configuration;
    const LogScope scope = log_scope(configuration, subject.reading.instance, subject.sites);
    try {
        return gather_site_queues(subject.files, configuration, subject.sites, scope.own_domains,
                                  subject.deadline.within(kQueueTime));
    } catch (const std::exception &error) {
        SiteQueues queues;
        queues.complete = false;
        queues.problems.push_back(
            {"waiting", fmt::format("the look ended early: {}", error.what())});
        return queues;
    }
}

}  // namespace

NotificationLook::NotificationLook(const std::vector<SiteUser> &sites) {
    for (const SiteUser &site : sites) {
        facts_.emplace_back().site = site;
    }
}

void NotificationLook::add(const Subject &subject) {
    if (facts_.empty()) {
        return;
    }
    const SiteQueues queues = gather_queues(subject);
    const auto &deliveries = subject.shared.deliveries;
    for (NotificationFacts &facts : facts_) {
        add_instance(facts, subject.reading.instance.name, queues,
                     deliveries ? &deliveries->record : nullptr);
    }
    findings_.insert(findings_.end(), subject.shared.findings.begin(),
                     subject.shared.findings.end());
}

std::vector<boost::json::object> NotificationLook::render(std::int64_t now) const {
    std::vector<boost::json::object> objects;
    for (const NotificationFacts &facts : facts_) {
        objects.push_back(render_notifications(facts, explain_waiting(facts.queue, findings_),
                                               diagnose_notifications(facts, now), now));
    }
    return objects;
}

}  // namespace mail_relay
