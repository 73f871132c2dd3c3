#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/mail_session.h"

namespace mail_relay {

/// A reply of an SMTP server, lines joined by blanks, fit for showing.
struct SmtpReply {
    int code = 0;
    std::string text;  ///< "550 5.7.1 Relaying denied"
};

/// A look at an SMTP server that neither logs in nor sends: greeting, EHLO, TLS, then QUIT.
struct SmtpEndpoint {
    SessionObservation session;
    std::optional<std::uint64_t> size_limit;  ///< SIZE: 0 means no fixed limit; empty: not told
};

SmtpEndpoint look_at_smtp_endpoint(const SessionRequest &request, Deadline deadline);

/// Looks at every address of the server, all at once. Each result has that one address.
std::vector<SmtpEndpoint> look_at_all_addresses(const SessionRequest &request,
                                                const std::vector<std::string> &addresses,
                                                Deadline deadline);

/// Waits for a reply. Fails on a lost connection and on what is no SMTP reply.
Result<SmtpReply> read_smtp_reply(MailSession &session, Deadline deadline);

/// Sends one command, without line end, and waits for its reply.
Result<SmtpReply> smtp_command(MailSession &session, std::string_view command, Deadline deadline);

}  // namespace mail_relay
