#pragma once

#include <boost/json/fwd.hpp>

#include "special_agent/loop_definition.h"
#include "special_agent/mailbox.h"

namespace mail_relay::roundtrip {

/// The object of section mail_roundtrip_mailbox. `now` is Unix time.
boost::json::object render_mailbox(const LoopDefinition &loop, const MailboxObservation &mailbox,
                                   std::int64_t now);

}  // namespace mail_relay::roundtrip
