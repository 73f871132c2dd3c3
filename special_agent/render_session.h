#pragma once

#include <boost/json/fwd.hpp>

#include "common/mail_session.h"
#include "special_agent/loop_definition.h"

namespace mail_relay::roundtrip {

/// Adds what submission and mailbox have in common: the endpoint, and the dialogue up to the first
/// command of its own.
void render_session(boost::json::object &object, const Endpoint &endpoint,
                    const SessionObservation &session);

/// The phases of a session in seconds; submission and mailbox add theirs.
boost::json::object render_phases(const SessionPhases &phases);

}  // namespace mail_relay::roundtrip
