#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/dns_lookup.h"

namespace mail_relay::roundtrip {

/// What a DNS block list says of an address.
struct BlockListAnswer {
    enum class Kind { kListed, kNotListed, kUnknown };

    std::string zone;  ///< "zen.spamhaus.org"
    Kind kind = Kind::kUnknown;
    std::vector<std::string> codes;  ///< "127.0.0.2"
    std::string text;                ///< the list's reason, or why it is not known
};

/// 127.0.0.2 to 127.0.0.11 is a listing. Anything else (127.255.255.x: the list refuses us or our
/// resolver; 127.0.0.1; a resolver that answers every name) tells nothing of the address. A listing
/// beside such an answer is not believed either.
BlockListAnswer::Kind judge_codes(const std::vector<std::string> &codes);

/// Asks all lists at once.
std::vector<BlockListAnswer> ask_block_lists(std::string_view address,
                                             const std::vector<std::string> &zones,
                                             const DnsSettings &dns, Deadline deadline);

}  // namespace mail_relay::roundtrip
