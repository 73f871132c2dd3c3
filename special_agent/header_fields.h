#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay::roundtrip {

/// The values of all fields called `name` (any case) in a header, topmost first, still folded.
/// Stops at the empty line that ends a header. Source: RFC 5322 section 2.2.
std::vector<std::string> header_values(std::string_view header, std::string_view name);

}  // namespace mail_relay::roundtrip
