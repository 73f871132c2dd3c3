#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/dns_lookup.h"

namespace mail_relay {

enum class AddressFamily { kAny, kIPv4, kIPv6 };

/// Addresses of a host; an address literal ("192.0.2.1", "::1", "[::1]") is its own address.
struct HostAddresses {
    DnsStatus status = DnsStatus::kServerFailure;
    std::vector<std::string> addresses;  ///< IPv6 and IPv4 in turns, IPv6 first
    std::string error;                   ///< empty if there is an address
};

HostAddresses resolve_host(std::string_view host, AddressFamily family, const DnsSettings &settings,
                           Deadline deadline);

}  // namespace mail_relay
