#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/tls_level.h"
#include "common/dns_lookup.h"
#include "common/problem.h"
#include "common/smtp_look.h"

namespace mail_relay {

/// What was seen at one address of a relay.
struct AddressLook {
    std::string host;  ///< the name that the address belongs to: the relay's, or one of its MX's
    std::string address;
    std::uint16_t port = 0;
    SmtpLook look;
};

/// How the smtp client finds the relay's addresses.
struct Resolution {
    bool in_jail = false;             ///< resolv.conf and hosts are those of the jail
    std::vector<std::string> lookup;  ///< "dns", "native": in this order
    DnsStatus status = DnsStatus::kServerFailure;
    std::string error;  ///< empty if there is an address
    /// Only asked after a failure: whether the same way works with the files outside of the jail,
    std::optional<bool> host_resolves;
    /// and if not, whether this host's other programs find the name.
    std::optional<bool> native_resolves;
    std::vector<MxRecord> exchangers;   ///< empty without an MX look-up, or where it found none
    std::optional<bool> authenticated;  ///< DNSSEC (AD bit); only asked where the level needs it
    double took_s = 0;
};

/// One next hop, and all addresses mail to it may go to.
struct RelayLook {
    std::string
        relayhost;  ///< as written; what stands for the world at a host that delivers itself
    bool is_direct = false;
    std::string server;
    std::uint16_t port = 0;
    bool mx_lookup = false;
    TlsMode tls_mode = TlsMode::kStartTls;
    std::optional<TlsLevel> level;
    Resolution resolution;
    std::vector<AddressLook> addresses;  ///< in the order in which the smtp client tries them
    double total_s = 0;
};

/// A look at the relays from this host, as the smtp client would reach them.
struct ConnectionFacts {
    std::optional<std::int64_t> looked_at;  ///< Unix seconds; empty: there was no look
    bool cached = false;                    ///< the look is one of an earlier run
    std::int64_t interval_s = 0;            ///< 0: looks are switched off
    std::string skipped;                    ///< why there was no look; "" if there was one
    double took_s = 0;
    std::vector<RelayLook> relays;
    std::string dead_policy_table;  ///< of smtp_tls_policy_maps, a service that does not answer
    std::string policy_error;
    Problems problems;
};

/// The address that mail goes through: the first one that works; null without one.
const AddressLook *used_address(const RelayLook &relay);

}  // namespace mail_relay
