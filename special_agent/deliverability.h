#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/dns_lookup.h"
#include "special_agent/authentication_results.h"
#include "special_agent/block_list.h"
#include "special_agent/loop_definition.h"
#include "special_agent/mailbox.h"
#include "special_agent/probe_ledger.h"
#include "special_agent/received_chain.h"

namespace mail_relay::roundtrip {

/// The host that handed the probe over to the receiving side.
struct SendingHost {
    std::string address;
    bool is_public = false;
    std::optional<std::string> reverse_name;  ///< "": there is none; nothing: not known
    std::optional<bool> forward_confirmed;    ///< the reverse name leads back to the address
};

/// What the arrived probe itself tells about how mail from here is received.
struct Deliverability {
    Arrival arrival;
    FolderRole role = FolderRole::kInbox;
    std::optional<Verdicts> authentication;
    std::vector<Hop> hops;
    std::optional<SendingHost> sender;
    std::vector<BlockListAnswer> block_lists;
    Problems problems;
};

/// Reads the header of `mail` and asks the DNS about the sending address.
Deliverability gather_deliverability(const LoopDefinition &loop, const FoundMail &mail,
                                     const Arrival &arrival, const DnsSettings &dns,
                                     Deadline deadline);

}  // namespace mail_relay::roundtrip
