#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "special_agent/deliverability.h"

namespace mail_relay::roundtrip {

/// What an arrived probe told, as JSON to be kept in the state.
std::string render_deliverability_report(const Deliverability &seen);

/// The object of section mail_roundtrip_deliverability: what the newest arrived probe told, or
/// nulls. `stored` is what render_deliverability_report() has made, or empty.
boost::json::object render_deliverability(const LoopDefinition &loop, const std::string &stored,
                                          std::int64_t now);

}  // namespace mail_relay::roundtrip
