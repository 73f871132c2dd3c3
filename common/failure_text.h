#pragma once

#include <string>
#include <string_view>

namespace mail_relay {

/// A key under which the same failure of other messages, hosts and moments falls too: at most 160
/// bytes of UTF-8 in which hosts read HOST, addresses IP and ADDRESS, URLs URL, queue IDs and the
/// like ID, numbers and time stamps N; control characters and invalid UTF-8 read '?'. Reply codes
/// and status codes stay. Normalising a key again changes nothing. Texts of different classes may
/// share a key: group by class and key.
std::string normalise_failure_text(std::string_view text);

}  // namespace mail_relay
