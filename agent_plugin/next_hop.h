#pragma once

#include <string_view>

#include "agent_plugin/configuration.h"

namespace mail_relay {

/// Where mail for other hosts goes: the next hop of default_transport, which wins where that is an
/// smtp client, else relayhost; "" for the recipients' own servers, or where default_transport is
/// no smtp client at all. Source: postconf(5), default_transport.
std::string_view next_hop_of(const Configuration &configuration);

}  // namespace mail_relay
