#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

namespace mail_relay {

// Members of an object whose form need not be what is expected: a path like "spool.free_bytes"
// leads to members of members.

/// nullptr where there is none.
const boost::json::value *find_at(const boost::json::object &object, std::string_view path);

/// "" where there is no text.
std::string text_at(const boost::json::object &object, std::string_view path);

/// Empty where there is no array.
const boost::json::array &rows_at(const boost::json::object &object, std::string_view path);

}  // namespace mail_relay
