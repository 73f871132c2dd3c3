#pragma once

#include <boost/json/fwd.hpp>

#include "agent_plugin/connection_facts.h"

namespace mail_relay {

/// One look at a relay, as the section and the kept result have it.
boost::json::object render_relay_look(const RelayLook &relay);

/// The reverse. Throws on what is not such a look, as Boost.JSON does.
RelayLook read_relay_look(const boost::json::object &object);

}  // namespace mail_relay
