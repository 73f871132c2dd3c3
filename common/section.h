#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

/// A section of agent output: its header and one line of JSON for each object; "" without objects.
/// Always ends with a newline, as the next header must begin a line.
/// Source: Checkmk's agent protocol; sep(0) makes each line one field.
std::string render_section(std::string_view name, const std::vector<boost::json::object> &objects);

}  // namespace mail_relay
