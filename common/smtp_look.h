#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/deadline.h"
#include "common/mail_dialogue.h"
#include "common/session_observation.h"
#include "common/tls_offer.h"

namespace mail_relay {

/// One address of an SMTP server, and how to look at it.
struct SmtpLookRequest {
    std::string server;  ///< for messages
    std::string address;
    std::uint16_t port = 0;
    std::string bind_address;  ///< "" for the system's choice
    std::string helo;
    TlsMode tls = TlsMode::kStartTls;
    bool tls_required = true;    ///< else the dialogue goes on in plaintext where there is no TLS
    bool trust_required = true;  ///< a certificate that is not verified ends the dialogue
    TlsPolicy trust;             ///< its `verify` does not count: all is looked at
    TlsOffer offer;
};

/// What was seen. `seen.addresses` and `seen.phases.resolve_s` stay empty.
struct SmtpLook {
    bool connected = false;
    SessionObservation seen;
    std::optional<double> ehlo_s;
    std::size_t ehlo_lines = 0;               ///< of the last answer, all of them
    std::optional<std::uint64_t> size_limit;  ///< SIZE: 0 means no fixed limit
    /// Whether the server begins with TLS; found out where the greeting or the handshake fails.
    std::optional<bool> speaks_tls_first;
    std::optional<std::string> tls_given_up;  ///< why the dialogue went on in plaintext
    std::string bind_error;                   ///< why the own address could not be used
};

/// Connects, hears the greeting, says EHLO, turns to TLS, says EHLO again and QUIT. Never logs in,
/// never sends mail, is over by the deadline. Does what libcurl does for MailSession, for programs
/// that cannot have libcurl; SIGPIPE has to be ignored.
SmtpLook look_at_smtp_server(const SmtpLookRequest &request, Deadline deadline);

/// SIZE among the lines of an EHLO answer; 0 means no fixed limit. Source: RFC 1870.
std::optional<std::uint64_t> told_size_limit(const std::vector<std::string> &capabilities);

}  // namespace mail_relay
