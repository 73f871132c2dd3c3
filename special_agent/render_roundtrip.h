#pragma once

#include <boost/json/fwd.hpp>

#include "special_agent/loop_run.h"

namespace mail_relay::roundtrip {

/// The object of section mail_roundtrip: the books of a loop. `now` is Unix time.
boost::json::object render_roundtrip(const LoopDefinition &loop, const LoopReport &report,
                                     std::int64_t now);

/// The same for a loop that could not run: everything but the reason is null.
boost::json::object render_definition_error(const DefinitionError &error, std::int64_t now);

}  // namespace mail_relay::roundtrip
