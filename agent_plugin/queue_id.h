#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail_relay {

/// Whether a file name can be a queue ID: letters and digits only. Temporary files have a '.'.
/// Source: Postfix src/global/mail_queue.c (mail_queue_id_ok).
bool is_queue_id(std::string_view name);

/// Arrival (unix seconds) that a long queue ID carries; nullopt for short IDs, which carry none.
/// Source: Postfix src/global/mail_queue.h, enable_long_queue_ids.
std::optional<std::int64_t> arrival_of_queue_id(std::string_view id);

/// The hashed folder of a queue ID inside its queue: "" (depth 0), "8", "8/0". Long IDs are hashed
/// by the hexadecimal microseconds of their arrival, short ones begin with these.
/// Source: Postfix src/global/mail_queue.c (mail_queue_dir), src/util/dir_forest.c.
std::string hashed_folder(std::string_view id, int depth);

inline constexpr int kMostHashDepth = 3;  ///< of hash_queue_depth, as far as it is followed

}  // namespace mail_relay
