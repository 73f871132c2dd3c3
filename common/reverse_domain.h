#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// The domain under which an IPv4 or IPv6 address is looked up: "1.2.0.192" for "192.0.2.1", the
/// nibbles for IPv6, followed by `zone` (a block list; empty: the arpa zone for reverse names).
/// Empty for no address. Source: RFC 1035 3.5, RFC 3596 2.5, RFC 5782.
std::string reverse_domain(std::string_view address, std::string_view zone);

}  // namespace mail_relay
