#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/tls_policy.h"
#include "common/smtp_look.h"

namespace mail_relay {

/// What the smtp client demands of, and offers to, the hosts of one next hop.
/// Source: Postfix src/smtp/smtp_tls_policy.c, src/tls/tls_client.c, postconf(5).
struct TlsPeer {
    TlsMode mode = TlsMode::kStartTls;
    bool required = false;           ///< no mail leaves without TLS
    bool trust_required = false;     ///< nor to a host whose certificate a CA does not vouch for
    TlsPolicy trust;                 ///< without names
    TlsOffer offer;                  ///< without the server name
    std::vector<std::string> match;  ///< "hostname", "nexthop", "dot-nexthop", or names
    std::string server_name;         ///< as set: "hostname", "nexthop", a name, or ""
};

TlsPeer tls_peer(const Configuration &configuration, const RelayhostLevel &level);

/// The names that a certificate of `hostname`, a host of `nexthop`, may carry.
std::vector<std::string> certificate_names(const TlsPeer &peer, std::string_view hostname,
                                           std::string_view nexthop);

/// The name to tell the server (SNI); "" for none.
std::string told_server_name(const TlsPeer &peer, std::string_view hostname,
                             std::string_view nexthop);

/// The protocols that a value of smtp_tls_protocols leaves: "!SSLv2, !SSLv3", ">=TLSv1.2",
/// "TLSv1.2 TLSv1.3". Source: Postfix src/tls/tls_misc.c (tls_proto_mask_lims).
std::vector<std::string> allowed_protocols(std::string_view setting);

}  // namespace mail_relay
