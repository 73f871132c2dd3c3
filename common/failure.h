#pragma once

#include <optional>
#include <string>

#include "common/failure_class.h"

namespace mail_relay {

/// Why a dialogue with a server did not get to its end.
struct Failure {
    /// Where it ended: resolve, connect, greeting, ehlo, capability, starttls, tls, token, auth,
    /// mail, rcpt, data, accept, select, look, fetch, delete or deadline.
    std::string phase;
    FailureClass kind = FailureClass::kOther;
    std::string error;                 ///< one line: what was attempted, on what, why it failed
    std::optional<std::string> reply;  ///< the server's words, at most 500 bytes, without secrets
};

}  // namespace mail_relay
