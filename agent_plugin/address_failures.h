#pragma once

#include <vector>

#include "agent_plugin/connection_facts.h"

namespace mail_relay {

using Addresses = std::vector<const AddressLook *>;

/// The addresses of a relay that a look failed at, by what has to be done about it. They point
/// into the look.
struct FailedAddresses {
    Addresses no_route;          ///< IPv6, and no way there
    Addresses not_connected;     ///< nobody answers
    Addresses expecting_tls;     ///< speak TLS first, while STARTTLS was meant
    Addresses in_plaintext;      ///< speak first, while TLS was meant
    Addresses without_starttls;  ///< TLS is required and not to be had
    Addresses broken_tls;        ///< the handshake fails
    Addresses without_own_tls;   ///< this host's own settings do not let it begin
    Addresses not_trusted;       ///< the certificate is not accepted
    Addresses refusing;          ///< say no with a reply
    Addresses broken;            ///< anything else that ends the dialogue
};

FailedAddresses sort_failures(const RelayLook &relay);

}  // namespace mail_relay
