#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace mail_relay {

/// `object` as one line of JSON in ASCII, without the newline: whatever bytes its texts hold (queue
/// files and logs may hold any), no reader can fail to decode it or see more than one line. Bytes
/// that are no UTF-8 become U+FFFD.
std::string json_line(const boost::json::object &object);

}  // namespace mail_relay
