#include "agent_plugin/gather_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

#include "agent_plugin/connection_memory.h"
#include "agent_plugin/relay_resolver.h"
#include "common/deadline.h"
#include "common/hosts_file.h"

namespace mail_relay {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Five seconds in all; what is left over is for joining threads and a busy host.
constexpr milliseconds kLongestLook{4'800};
constexpr std::int64_t kLongestFailure_s = 60;
constexpr std::size_t kMostAddresses = 16;

SmtpLookRequest request_for(const RelayPlan &plan, const ConnectionPlan &all,
                            const AddressLook &target) {
    SmtpLookRequest request;
    request.server = target.host;
    request.address = target.address;
    request.port = target.port;
    request.bind_address = is_ipv6(target.address) ? all.bind_ipv6 : all.bind_ipv4;
    request.helo = all.helo;
    request.tls = plan.tls.mode;
    request.tls_required = plan.tls.required;
    request.trust_required = plan.tls.trust_required;
    request.trust = plan.tls.trust;
    request.trust.names = certificate_names(plan.tls, target.host, plan.relay.server);
    request.offer = plan.tls.offer;
    request.offer.server_name = told_server_name(plan.tls, target.host, plan.relay.server);
    return request;
}

/// Does all, at once where there are threads to be had.
void do_at_once(std::size_t count, const std::function<void(std::size_t)> &work) {
    std::vector<std::jthread> threads;
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        try {
            threads.emplace_back(work, i);
        } catch (const std::system_error &) {
            work(i);
        }
    }
}

/// One relay, from its name to the end of the dialogue with each of its addresses.
RelayLook look_at_relay(const RelayPlan &plan, const ConnectionPlan &all, Deadline deadline) {
    const auto begin = Clock::now();
    RelayLook relay = plan.relay;
    auto found = resolve_relay(plan.resolver, relay, deadline);
    if (relay.is_direct && !found.empty()) {
        // One look at the world, not at every server of somebody else's.
        const std::string first = found.front().host;
        found.erase(std::remove_if(found.begin(), found.end(),
                                   [&](const auto &other) { return other.host != first; }),
                    found.end());
    }
    found.resize(std::min(found.size(), kMostAddresses));
    for (auto &[host, address] : found) {
        relay.addresses.push_back({std::move(host), std::move(address), relay.port, {}});
    }
    do_at_once(relay.addresses.size(), [&](std::size_t i) {
        AddressLook &target = relay.addresses[i];
        target.look = look_at_smtp_server(request_for(plan, all, target), deadline);
    });
    relay.total_s = seconds_since(begin);
    return relay;
}

std::vector<RelayLook> look_at_all(const ConnectionPlan &plan, Deadline deadline) {
    std::vector<RelayLook> relays(plan.relays.size());
    do_at_once(relays.size(),
               [&](std::size_t i) { relays[i] = look_at_relay(plan.relays[i], plan, deadline); });
    return relays;
}

bool has_failed(const std::vector<RelayLook> &relays) {
    return std::any_of(relays.begin(), relays.end(),
                       [](const auto &relay) { return used_address(relay) == nullptr; });
}

bool is_fresh(const KeptLook &kept, const std::string &identity, const ConnectionWish &wish,
              std::int64_t now) {
    const auto interval = static_cast<std::int64_t>(wish.interval.count());
    const auto longest = has_failed(kept.relays) ? std::min(interval, kLongestFailure_s) : interval;
    return kept.identity == identity && kept.looked_at <= now && now - kept.looked_at < longest;
}

void take(KeptLook kept, ConnectionFacts &facts) {
    facts.looked_at = kept.looked_at;
    facts.took_s = kept.took_s;
    facts.relays = std::move(kept.relays);
}

/// Tables that a service answers for, not a file.
bool is_service(const LookupTable &table) {
    const auto &type = table.table.type;
    return type == "socketmap" || type == "tcp" || type == "ldap" || type == "mysql" ||
           type == "pgsql" || type == "memcache";
}

void note_dead_policy_service(const TlsPolicies &policies, ConnectionFacts &facts) {
    const auto service = std::find_if(policies.tables.begin(), policies.tables.end(), is_service);
    const auto problem =
        std::find_if(policies.problems.begin(), policies.problems.end(),
                     [](const Problem &told) { return told.what == "relayhost_levels"; });
    if (service != policies.tables.end() && problem != policies.problems.end()) {
        facts.dead_policy_table = printable(service->table);
        facts.policy_error = problem->error;
    }
}

void note_curiosities(ConnectionFacts &facts) {
    for (const RelayLook &relay : facts.relays) {
        for (const AddressLook &address : relay.addresses) {
            const SmtpLook &look = address.look;
            const auto &kept = look.seen.capabilities;
            if (kept && look.ehlo_lines > kept->size() + 50) {
                facts.problems.push_back(
                    {"extensions", fmt::format("{} answers EHLO with {} lines: only the first {} "
                                               "are looked at",
                                               address.host, look.ehlo_lines, kept->size())});
            }
            const auto &tls = look.seen.tls;
            if (tls && tls->chain_length > tls->chain.size()) {
                facts.problems.push_back(
                    {"chain", fmt::format("{} sends a chain of {} "
                                          "certificates: only the first {} "
                                          "are looked at",
                                          address.host, tls->chain_length, tls->chain.size())});
            }
            if (!look.bind_error.empty()) {
                facts.problems.push_back(
                    {"bind_address",
                     fmt::format("cannot connect from the address of smtp_bind_address or "
                                 "inet_interfaces, {}: mail leaves from another one",
                                 look.bind_error)});
            }
        }
    }
}

}  // namespace

ConnectionFacts gather_connection(const FileTree &files, const Configuration &configuration,
                                  const TlsPolicies &policies, const ConnectionWish &wish,
                                  Deadline deadline, std::int64_t now) {
    ConnectionFacts facts;
    facts.interval_s = wish.interval.count();
    const ConnectionPlan plan = plan_connection(configuration, policies, wish.direct_mx);
    facts.problems = plan.problems;
    note_dead_policy_service(policies, facts);
    facts.skipped = wish.interval.count() == 0 ? "connection_interval is 0"
                    : !files.is_this_host()    ? "nothing of a mounted tree is connected to"
                                               : plan.skipped;
    if (!facts.skipped.empty() || plan.relays.empty()) {
        return facts;
    }
    // Two instances may have to share a file name.
    const std::string identity =
        fmt::format("{}: {}", configuration.get("config_directory"), plan_identity(plan, files));
    if (!wish.kept_file.empty()) {
        auto kept = read_kept_look(wish.kept_file);
        if (!kept) {
            facts.problems.push_back({"state", kept.error().message()});
        } else if (*kept && is_fresh(**kept, identity, wish, now)) {
            take(**std::move(kept), facts);
            facts.cached = true;
            note_curiosities(facts);
            return facts;
        }
    }
    const auto begin = Clock::now();
    auto relays = look_at_all(plan, deadline.within(kLongestLook));
    KeptLook look{identity, now, seconds_since(begin), std::move(relays)};
    if (!wish.kept_file.empty()) {
        if (const auto saved = keep_look(wish.kept_file, look); !saved) {
            facts.problems.push_back({"state", saved.error().message()});
        }
    }
    take(std::move(look), facts);
    note_curiosities(facts);
    return facts;
}

}  // namespace mail_relay
