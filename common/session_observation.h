#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/failure.h"
#include "common/tls_observation.h"

namespace mail_relay {

struct AddressAttempt {
    std::string address;
    std::uint16_t port = 0;
    std::optional<bool> connected;  ///< empty: not tried, another one worked
    std::string error;              ///< "Connection refused"; empty if connected or not tried
};

/// Durations of the steps in seconds; empty when not reached or not part of the dialogue.
struct SessionPhases {
    std::optional<double> resolve_s;
    std::optional<double> connect_s;
    std::optional<double> greeting_s;
    std::optional<double> tls_s;   ///< from STARTTLS (or the connection) to the last handshake step
    std::optional<double> auth_s;  ///< from AUTH to its answer
    double total_s = 0;            ///< up to where the session was ready or failed
};

/// All that was seen of a server until the session was ready or failed.
struct SessionObservation {
    std::vector<AddressAttempt> addresses;
    SessionPhases phases;
    std::optional<std::string> banner;
    /// SMTP: the lines of the last EHLO answer without greeting and AUTH. IMAP: the capabilities,
    /// without AUTH=..., as last told. Empty: not told.
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::vector<std::string>> auth_mechanisms;
    std::optional<std::string> authenticated_with;
    bool starttls_offered = false;  ///< before TLS
    std::optional<TlsObservation> tls;
    std::optional<Failure> failure;
};

}  // namespace mail_relay
