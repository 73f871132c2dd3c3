#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// One next hop as written in relayhost: "[smtp.example.org]:587", "example.org", "[::1]:smtp".
/// Source: postconf(5) relayhost, Postfix src/smtp/smtp_connect.c (smtp_parse_destination).
struct Relayhost {
    std::string written;      ///< as in main.cf: the form credentials are looked up by
    std::string host;         ///< without brackets and port; an IPv6 literal without "IPv6:"
    std::string service;      ///< port or service name as written, "" when left out
    std::uint16_t port = 0;   ///< 25 when left out; 0 when the service name is not known here
                              ///< (Configuration::relayhosts() looks further)
    bool mx_lookup = false;   ///< no brackets: Postfix asks for the MX of `host` first
    bool is_address = false;  ///< `host` is an IPv4 or IPv6 literal

    /// The port is a service name: "submission".
    bool has_named_port() const { return !service.empty() && service.front() > '9'; }
};

Result<Relayhost> parse_relayhost(std::string_view written);

/// The same next hop without an MX look-up: "[smtp.example.org]:587".
std::string in_brackets(const Relayhost &relayhost);

/// All next hops of a relayhost value, in Postfix's order: separated by commas or blanks (3.5 and
/// later; before, the value is one next hop). Empty for an empty value.
Result<std::vector<Relayhost>> parse_relayhosts(std::string_view value);

}  // namespace mail_relay
