#pragma once

#include <optional>
#include <string_view>

namespace mail_relay {

/// Why one recipient of a message was not served. Views lead into the parsed bytes.
struct DeferLogEntry {
    std::string_view recipient;
    std::string_view dsn_status;  ///< "4.4.1"; "" when the log does not say
    std::string_view reason;
};

/// The last complete entry of a `defer/` log, of which `tail` is the end (its first line may be cut
/// off). Nullopt when there is none: the log is empty, damaged or just being written.
/// Source: Postfix src/bounce/bounce_append_service.c: blocks of NAME=VALUE lines between blank
/// lines, after an optional line "<recipient>: reason" for Postfix before 2.0.
std::optional<DeferLogEntry> last_defer_log_entry(std::string_view tail);

}  // namespace mail_relay
