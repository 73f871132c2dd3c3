#include "agent_plugin/look.h"

#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "agent_plugin/connection_memory.h"
#include "agent_plugin/diagnose_config.h"
#include "agent_plugin/diagnose_connection.h"
#include "agent_plugin/diagnose_deliveries.h"
#include "agent_plugin/diagnose_queue.h"
#include "agent_plugin/diagnose_sasl.h"
#include "agent_plugin/diagnose_service.h"
#include "agent_plugin/diagnose_tls.h"
#include "agent_plugin/gather_config.h"
#include "agent_plugin/gather_connection.h"
#include "agent_plugin/gather_deliveries.h"
#include "agent_plugin/gather_queue.h"
#include "agent_plugin/gather_sasl.h"
#include "agent_plugin/gather_service.h"
#include "agent_plugin/gather_tls.h"
#include "agent_plugin/render_common.h"
#include "agent_plugin/render_config.h"
#include "agent_plugin/render_connection.h"
#include "agent_plugin/render_deliveries.h"
#include "agent_plugin/render_queue.h"
#include "agent_plugin/render_sasl.h"
#include "agent_plugin/render_service.h"
#include "agent_plugin/render_tls.h"

namespace mail_relay {

namespace {

// All lookup tables of one instance together.
constexpr std::chrono::milliseconds kLookupTime(5000);

const Configuration &configuration_of(const Subject &subject) {
    return subject.reading.settings.configuration;
}

/// The findings of a look, kept for later ones.
Findings noted(const Subject &subject, Findings findings) {
    Findings &all = subject.shared.findings;
    all.insert(all.end(), findings.begin(), findings.end());
    return findings;
}

boost::json::object look_at_service(const Subject &subject) {
    ServiceFacts facts =
        gather_service(subject.files, configuration_of(subject), subject.distribution);
    facts.problems.insert(facts.problems.end(), subject.settings_problems.begin(),
                          subject.settings_problems.end());
    const Findings findings =
        noted(subject, diagnose_service(subject.reading.instance, facts,
                                        configuration_of(subject).get("queue_directory")));
    return render_service(subject.reading, facts, findings, subject.now);
}

const QueueFacts &queue_of(const Subject &subject) {
    if (!subject.shared.queue) {
        QueueLimits limits;
        limits.details = subject.settings.queue_details;
        limits.threads = subject.settings.queue_threads;
        subject.shared.queue =
            gather_queue(subject.files, configuration_of(subject), limits, subject.state_directory,
                         subject.reading.instance.name, subject.now);
    }
    return *subject.shared.queue;
}

boost::json::object look_at_queue(const Subject &subject) {
    const Instance &instance = subject.reading.instance;
    const QueueFacts &facts = queue_of(subject);
    const Findings findings =
        noted(subject, diagnose_queue(facts, configuration_of(subject), instance,
                                      subject.distribution, subject.now));
    return render_queue(instance.name, subject.now, facts, findings);
}

boost::json::object look_at_config(const Subject &subject) {
    const ConfigFacts facts = gather_config(subject.files, configuration_of(subject), subject.now);
    const Findings findings =
        noted(subject, diagnose_config(subject.reading, facts, subject.distribution));
    return render_config(subject.reading, facts, findings, subject.now);
}

TableLookup &lookup_of(const Subject &subject) {
    SharedFacts &shared = subject.shared;
    if (!shared.lookup) {
        const Instance &instance = subject.reading.instance;
        shared.cache.emplace(subject.files, instance, subject.state_directory, subject.now);
        shared.lookup.emplace(subject.files, instance, configuration_of(subject), *shared.cache,
                              subject.deadline.within(kLookupTime), subject.now);
    }
    return *shared.lookup;
}

const SaslFacts &sasl_of(const Subject &subject) {
    if (!subject.shared.sasl) {
        TableLookup &lookup = lookup_of(subject);
        subject.shared.sasl =
            gather_sasl(subject.files, subject.reading.instance, configuration_of(subject),
                        *subject.shared.cache, lookup, subject.now);
    }
    return *subject.shared.sasl;
}

boost::json::object look_at_sasl(const Subject &subject) {
    const SaslFacts &facts = sasl_of(subject);
    const Findings findings = noted(subject, diagnose_sasl(facts, configuration_of(subject),
                                                           subject.distribution, subject.now));
    return render_sasl(subject.reading.instance, facts, findings, subject.now);
}

const TlsFacts &tls_of(const Subject &subject) {
    if (!subject.shared.tls) {
        TableLookup &lookup = lookup_of(subject);
        subject.shared.tls =
            gather_tls(subject.files, subject.reading.instance, configuration_of(subject),
                       *subject.shared.cache, lookup, subject.now);
    }
    return *subject.shared.tls;
}

boost::json::object look_at_tls(const Subject &subject) {
    const TlsFacts &facts = tls_of(subject);
    const Findings findings = noted(
        subject, diagnose_tls(facts, configuration_of(subject), subject.distribution, subject.now));
    return render_tls(subject.reading.instance, facts, findings, subject.now);
}

/// Relayhosts as written whose password waits for AUTH to be turned on.
std::vector<std::string> unused_passwords(const SaslFacts &sasl,
                                          const Configuration &configuration) {
    std::vector<std::string> relayhosts;
    if (sasl.auth_enabled.value_or(true)) {
        return relayhosts;
    }
    for (const auto &relayhost : configuration.relayhosts()) {
        if (has_credentials(sasl.credentials, relayhost.written).value_or(false)) {
            relayhosts.push_back(relayhost.written);
        }
    }
    return relayhosts;
}

boost::json::object look_at_connection(const Subject &subject) {
    const Instance &instance = subject.reading.instance;
    const SaslFacts &sasl = sasl_of(subject);
    const TlsFacts &tls = tls_of(subject);
    const ConnectionWish wish{
        std::chrono::duration_cast<std::chrono::seconds>(subject.settings.connection_interval),
        subject.settings.direct_mx,
        subject.live ? "" : kept_look_path(subject.state_directory, instance)};
    const ConnectionFacts facts =
        gather_connection(subject.files, configuration_of(subject), tls.policies, wish,
                          subject.deadline, subject.now);
    const LoginAbility ability{sasl.auth_enabled == true, tls.password_relayhosts,
                               sasl.plugins.mechanisms, sasl.usable_mechanisms,
                               unused_passwords(sasl, configuration_of(subject))};
    const Findings findings = diagnose_connection(
        facts, ability, instance, configuration_of(subject), subject.distribution, subject.now);
    subject.shared.waited_findings = findings;
    return render_connection(instance.name, subject.now, facts, findings);
}

boost::json::object look_at_deliveries(const Subject &subject) {
    const Instance &instance = subject.reading.instance;
    subject.shared.deliveries =
        gather_deliveries(subject.files, configuration_of(subject), instance, subject.settings,
                          subject.sites, subject.state_directory, subject.deadline, subject.now);
    const DeliveryFacts &facts = *subject.shared.deliveries;
    const Findings findings =
        noted(subject, diagnose_deliveries(facts, queue_of(subject), configuration_of(subject),
                                           instance, subject.distribution, subject.now));
    return render_deliveries(instance.name, subject.now, facts, findings);
}

/// Without defaults nothing can be said about a setting that main.cf does not make.
template <auto take>
boost::json::object if_resolved(const Subject &subject) {
    if (subject.reading.settings.is_resolved) {
        return take(subject);
    }
    boost::json::object object = render_head(subject.reading.instance.name, subject.now);
    object["findings"] = render_findings({});
    object["problems"] = render_problems(told_elsewhere(subject.reading.settings));
    return object;
}

constexpr std::array kLooks = {
    Look{"mail_relay_service", &look_at_service},
    Look{"mail_relay_queue", &look_at_queue},
    Look{"mail_relay_config", &look_at_config},
    Look{"mail_relay_sasl", &if_resolved<look_at_sasl>},
    Look{"mail_relay_tls", &if_resolved<look_at_tls>},
    Look{"mail_relay_connection", &if_resolved<look_at_connection>, true},
    Look{"mail_relay_deliveries", &look_at_deliveries},
};

}  // namespace

std::span<const Look> all_looks() {
    return kLooks;
}

}  // namespace mail_relay
