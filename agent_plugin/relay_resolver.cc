#include "agent_plugin/relay_resolver.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent_plugin/word_list.h"
#include "common/dns_lookup.h"
#include "common/hosts_file.h"

namespace mail_relay {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Of five seconds for all: the smtp client's way, then this host's own.
constexpr milliseconds kClientShare{2'200};
constexpr milliseconds kHostShare{1'200};
// More than the smtp client tries: smtp_mx_address_limit is 5 by default.
constexpr std::size_t kMostExchangers = 8;

AddressFamily family_named(std::string_view name) {
    return name == "ipv4"   ? AddressFamily::kIPv4
           : name == "ipv6" ? AddressFamily::kIPv6
                            : AddressFamily::kAny;
}

AddressFamily family_of(const Configuration &configuration) {
    const auto protocols = split_list(configuration.get("inet_protocols"));
    const bool ipv4 = contains(protocols, "ipv4") || contains(protocols, "all");
    const bool ipv6 = contains(protocols, "ipv6") || contains(protocols, "all");
    return ipv4 == ipv6 ? AddressFamily::kAny : ipv4 ? AddressFamily::kIPv4 : AddressFamily::kIPv6;
}

bool is_of(AddressFamily family, std::string_view address) {
    return family == AddressFamily::kAny || is_ipv6(address) == (family == AddressFamily::kIPv6);
}

DnsSettings settings_for(const RelayResolver &resolver, bool native) {
    DnsSettings settings;
    settings.resolv_conf = resolver.etc + "/resolv.conf";
    settings.hosts_file = resolver.etc + "/hosts";
    settings.use_hosts = native;
    settings.use_search_domains = native;  // Postfix asks the DNS for names as they are
    settings.ask_authenticated = resolver.asks_for_dnssec;
    return settings;
}

/// Of several answers without an address the one that says most.
int gravity(DnsStatus status) {
    switch (status) {
        case DnsStatus::kFound:
            return 5;
        case DnsStatus::kTimeout:
        case DnsStatus::kServerFailure:
            return 4;
        case DnsStatus::kBadName:
            return 3;
        case DnsStatus::kNoSuchName:
            return 2;
        case DnsStatus::kNoData:
            return 1;
    }
    return 0;
}

class RelayLookup {
  public:
    RelayLookup(const RelayResolver &resolver, RelayLook &relay, Deadline deadline)
        : resolver_(resolver), relay_(relay), deadline_(deadline) {}

    std::vector<HostAddress> find() {
        const auto literal = canonical_address(relay_.server);
        if (!literal.empty()) {
            return use_literal(literal);
        }
        if (relay_.mx_lookup && resolver_.dns) {
            if (!find_exchangers()) {
                return {};
            }
        }
        std::vector<std::string> hosts;
        for (const MxRecord &mx : relay_.resolution.exchangers) {
            if (hosts.size() < kMostExchangers) {
                hosts.push_back(mx.host);
            }
        }
        if (hosts.empty()) {
            hosts.push_back(relay_.server);
        }
        return find_addresses(hosts);
    }

  private:
    std::vector<HostAddress> use_literal(const std::string &literal) {
        if (is_of(resolver_.family, literal)) {
            relay_.resolution.status = DnsStatus::kFound;
            return {{relay_.server, literal}};
        }
        relay_.resolution.status = DnsStatus::kNoData;
        relay_.resolution.error = literal + " is of a family that inet_protocols leaves out";
        return {};
    }

    /// False when mail stays here whatever the addresses are.
    bool find_exchangers() {
        const auto answer =
            look_up({{DnsRecord::kMx, relay_.server}}, settings_for(resolver_, false), deadline_)
                .front();
        Resolution &resolution = relay_.resolution;
        if (answer.status == DnsStatus::kFound) {
            resolution.exchangers = answer.exchangers;
            note_authenticated(answer);
            // RFC 7505
            const std::string &first = answer.exchangers.front().host;
            if (answer.exchangers.size() == 1 && (first.empty() || first == ".")) {
                resolution.exchangers.clear();
                resolution.status = DnsStatus::kNoData;
                resolution.error = relay_.server + " accepts no mail (null MX)";
                return false;
            }
            return true;
        }
        const bool none = answer.status == DnsStatus::kNoData ||
                          answer.status == DnsStatus::kNoSuchName ||
                          answer.status == DnsStatus::kBadName;
        if (none || resolver_.ignores_mx_errors) {
            return true;
        }
        resolution.status = answer.status;
        resolution.error = answer.error;
        return false;
    }

    std::vector<HostAddress> find_addresses(const std::vector<std::string> &hosts) {
        std::vector<HostAddress> found;
        if (!resolver_.dns && !resolver_.native) {
            relay_.resolution.error = "smtp_host_lookup names neither dns nor native";
            return found;
        }
        if (resolver_.dns) {
            found = ask(hosts, settings_for(resolver_, false));
        }
        // Only of a name that the DNS does not know is the native service asked.
        const bool unknown = relay_.resolution.status == DnsStatus::kNoSuchName ||
                             relay_.resolution.status == DnsStatus::kNoData;
        if (resolver_.native && found.empty() && (unknown || !resolver_.dns)) {
            found = ask(hosts, settings_for(resolver_, true));
        }
        return found;
    }

    std::vector<HostAddress> ask(const std::vector<std::string> &hosts,
                                 const DnsSettings &settings) {
        std::vector<DnsQuestion> questions;
        for (const auto &host : hosts) {
            if (resolver_.family != AddressFamily::kIPv4) {
                questions.push_back({DnsRecord::kAaaa, host});
            }
            if (resolver_.family != AddressFamily::kIPv6) {
                questions.push_back({DnsRecord::kA, host});
            }
        }
        const auto answers = look_up(questions, settings, deadline_);
        std::vector<HostAddress> found;
        for (const auto &host : hosts) {
            append_in_order(host, answers, found);
        }
        const auto &weightiest = *std::max_element(
            answers.begin(), answers.end(),
            [](const auto &l, const auto &r) { return gravity(l.status) < gravity(r.status); });
        relay_.resolution.status = weightiest.status;
        relay_.resolution.error = found.empty() ? weightiest.error : "";
        note_authenticated(weightiest);
        return found;
    }

    /// The preferred family first; without one in turns, as which comes first is left to chance.
    void append_in_order(const std::string &host, const std::vector<DnsAnswer> &answers,
                         std::vector<HostAddress> &found) const {
        std::vector<std::string> ipv6;
        std::vector<std::string> ipv4;
        for (const auto &answer : answers) {
            if (answer.question.name == host) {
                auto &family = answer.question.record == DnsRecord::kAaaa ? ipv6 : ipv4;
                family = answer.values;
            }
        }
        const bool in_turns = resolver_.preferred == AddressFamily::kAny;
        const bool ipv4_first = resolver_.preferred == AddressFamily::kIPv4;
        auto &first = ipv4_first ? ipv4 : ipv6;
        auto &second = ipv4_first ? ipv6 : ipv4;
        for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
            if (i < first.size()) {
                found.push_back({host, first[i]});
            }
            if (in_turns && i < second.size()) {
                found.push_back({host, second[i]});
            }
        }
        if (!in_turns) {
            for (const auto &address : second) {
                found.push_back({host, address});
            }
        }
    }

    void note_authenticated(const DnsAnswer &answer) const {
        if (resolver_.asks_for_dnssec && answer.status == DnsStatus::kFound) {
            auto &authenticated = relay_.resolution.authenticated;
            authenticated = authenticated.value_or(true) && answer.authenticated;
        }
    }

    const RelayResolver &resolver_;
    RelayLook &relay_;
    Deadline deadline_;
};

bool resolves(const RelayResolver &resolver, const RelayLook &relay, Deadline deadline) {
    RelayLook another;
    another.server = relay.server;
    another.mx_lookup = relay.mx_lookup;
    return !RelayLookup(resolver, another, deadline.within(kHostShare)).find().empty();
}

/// Whose fault it is that there is no address: the jail's, the way Postfix asks, or the name's.
void find_out_who_resolves(const RelayResolver &resolver, RelayLook &relay, Deadline deadline) {
    RelayResolver own = resolver;
    own.etc = "/etc";
    if (resolver.in_jail) {
        relay.resolution.host_resolves = resolves(own, relay, deadline);
    }
    if (relay.resolution.host_resolves != true) {
        own.dns = false;  // hosts file first, then DNS: what this host's programs do as a rule
        own.native = true;
        relay.resolution.native_resolves = resolves(own, relay, deadline);
    }
}

}  // namespace

RelayResolver relay_resolver(const Configuration &configuration) {
    RelayResolver resolver;
    const MasterService *const service = configuration.delivery_service();
    resolver.in_jail = service != nullptr && service->chroot;
    resolver.etc =
        resolver.in_jail ? std::string(configuration.get("queue_directory")) + "/etc" : "/etc";
    const auto lookups = split_list(configuration.smtp_client("smtp_host_lookup"));
    const bool disabled = configuration.smtp_client_is_yes("disable_dns_lookups") ||
                          configuration.smtp_client("smtp_dns_support_level") == "disabled";
    resolver.dns = !disabled && (lookups.empty() || contains(lookups, "dns"));
    resolver.native = disabled || contains(lookups, "native");
    resolver.family = family_of(configuration);
    resolver.preferred = family_named(configuration.smtp_client("smtp_address_preference"));
    resolver.ignores_mx_errors = configuration.smtp_client_is_yes("ignore_mx_lookup_error");
    return resolver;
}

std::vector<HostAddress> resolve_relay(const RelayResolver &resolver, RelayLook &relay,
                                       Deadline deadline) {
    const auto begin = Clock::now();
    relay.resolution.in_jail = resolver.in_jail;
    relay.resolution.lookup.clear();
    if (resolver.dns) {
        relay.resolution.lookup.emplace_back("dns");
    }
    if (resolver.native) {
        relay.resolution.lookup.emplace_back("native");
    }
    auto found = RelayLookup(resolver, relay, deadline.within(kClientShare)).find();
    relay.resolution.took_s = seconds_since(begin);
    if (found.empty()) {
        find_out_who_resolves(resolver, relay, deadline);
    }
    return found;
}

}  // namespace mail_relay
