#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/tls_level.h"
#include "common/dns_lookup.h"
#include "common/mail_session.h"
#include "common/problem.h"

namespace mail_relay {

/// What was seen at one address of a relay.
struct AddressLook {
    std::string host;  ///< the name that the address belongs to: the relay's, or one of its MX's
    std::string address;
    std::uint16_t port = 0;
    bool connected = false;
    /// From the greeting to the end of the dialogue; its `addresses` are empty.
    SessionObservation seen;
    std::optional<double> ehlo_s;
    std::size_t ehlo_lines = 0;               ///< of the last answer, all of them
    std::optional<std::uint64_t> size_limit;  ///< SIZE: 0 means no fixed limit
    /// Whether the server begins with TLS; only found out where its greeting did not come.
    std::optional<bool> speaks_tls_first;
};

/// How the smtp client finds the relay's addresses.
struct Resolution {
    bool in_jail = false;             ///< resolv.conf and hosts are those of the jail
    std::vector<std::string> lookup;  ///< "dns", "native": in this order
    DnsStatus status = DnsStatus::kServerFailure;
    std::string error;                  ///< empty if there is an address
    std::optional<bool> host_resolves;  ///< outside of the jail; only asked after a failure
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
    Problems problems;
};

/// The address that mail goes through: the first one that works; null without one.
const AddressLook *used_address(const RelayLook &relay);

}  // namespace mail_relay
