#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/lookup_table.h"
#include "agent_plugin/table_lookup.h"
#include "agent_plugin/tls_level.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// The level that the smtp client uses towards one relayhost.
struct RelayhostLevel {
    std::string relayhost;  ///< as written
    std::uint16_t port = 0;
    std::optional<TlsLevel> level;          ///< nullopt: not known, or the policy is malformed
    std::optional<std::string> policy_key;  ///< the entry of a policy table that decided
    bool malformed_policy = false;          ///< mail to this relayhost stays in the queue
    bool own_trust = false;                 ///< the policy brings its own trust anchors
    std::vector<std::string> attributes;    ///< of the policy's entry: "match=nexthop", in order
};

struct TlsPolicies {
    std::string parameter;  ///< "smtp_tls_policy_maps", "smtp_tls_per_site" or "" without tables
    std::vector<LookupTable> tables;
    std::vector<RelayhostLevel> levels;  ///< one for each relayhost
    Problems problems;
};

/// What is kept of an entry of smtp_tls_policy_maps, which holds no secret: its words with single
/// blanks between them, the level in lower case. Too long a one loses its end.
std::string reduce_policy(std::string_view entry);

/// The values of an attribute of a policy, in order. Source: TLS_README, client TLS policy table.
std::vector<std::string> policy_values(const RelayhostLevel &relayhost, std::string_view name);

/// Keys the policy tables are asked for: the next hop as written, and for a bare domain its
/// parents. Source: Postfix src/smtp/smtp_tls_policy.c (tls_policy_lookup).
std::vector<std::string> policy_keys(const Relayhost &relayhost);

/// Looks up the level of each relayhost as Postfix does.
TlsPolicies gather_tls_policies(const FileTree &files, const Configuration &configuration,
                                TableLookup &lookup, std::int64_t now);

}  // namespace mail_relay
