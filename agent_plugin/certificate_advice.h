#pragma once

#include <string>
#include <vector>

#include "agent_plugin/relay_context.h"
#include "common/smtp_look.h"

namespace mail_relay {

/// What to do about a relay's certificate that was not accepted.
std::vector<std::string> certificate_advice(const RelayContext &context, const SmtpLook &look);

}  // namespace mail_relay
