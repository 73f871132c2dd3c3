#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/delivery_facts.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/fact_cache.h"
#include "agent_plugin/finding.h"
#include "agent_plugin/gather_instances.h"
#include "agent_plugin/log_scope.h"
#include "agent_plugin/queue_facts.h"
#include "agent_plugin/sasl_facts.h"
#include "agent_plugin/settings.h"
#include "agent_plugin/table_lookup.h"
#include "agent_plugin/tls_facts.h"
#include "common/deadline.h"
#include "common/file_tree.h"

namespace mail_relay {

/// What one look at an instance leaves to later ones: the first that needs facts gathers them.
struct SharedFacts {
    std::optional<SaslFacts> sasl;
    std::optional<TlsFacts> tls;
    std::optional<QueueFacts> queue;
    std::optional<DeliveryFacts> deliveries;
    std::optional<FactCache> cache;
    std::optional<TableLookup> lookup;  ///< a table that hangs is asked once in a run
    Findings findings;                  ///< of the looks taken so far
    Findings waited_findings;  ///< of the looks that wait: theirs alone until they have ended
};

/// What every look at an instance goes by.
struct Subject {
    const FileTree &files;
    const InstanceReading &reading;
    const Distribution &distribution;
    const Settings &settings;
    const Problems &settings_problems;  ///< lines of mail_relay.cfg that cannot be used
    std::string state_directory;        ///< "" for none
    std::int64_t now = 0;               ///< Unix seconds
    Deadline deadline;
    const std::vector<SiteUser> &sites;  ///< Checkmk sites of this host
    bool live = false;                   ///< what an earlier run found out does not do
    SharedFacts &shared;
};

/// One section: gather, diagnose, render.
struct Look {
    std::string_view section;
    boost::json::object (*take)(const Subject &subject);
    /// Spends its time waiting for others: the looks that come after it do not wait for it.
    bool waits = false;
};

/// All sections about an instance, in the order in which they are printed.
std::span<const Look> all_looks();

}  // namespace mail_relay
