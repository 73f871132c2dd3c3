#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/mail_session.h"

namespace mail_relay::roundtrip {

/// Addresses that the server has nothing to do with, to be asked for without logging in.
struct RelayQuestion {
    std::string from;
    std::string to;
};

struct SubmissionRequest {
    SessionRequest session;  ///< protocol SMTP
    std::string from;        ///< envelope, without brackets
    std::string to;
};

/// Whether the mail is on its way. Unknown: the connection ended between the last byte of the mail
/// and the answer to it; it may arrive.
enum class Submitted { kYes, kNo, kUnknown };

struct SubmissionObservation {
    SessionObservation session;  ///< its failure and total time are those of the whole dialogue
    Submitted submitted = Submitted::kNo;
    std::optional<double> accept_s;        ///< from MAIL FROM to the answer to the mail
    std::optional<std::string> queued_as;  ///< "250 2.0.0 Ok: queued as 4XyZ"
};

/// Sends one mail (lines ending in CRLF) in one dialogue. With credentials given, a server that
/// offers no AUTH is a failure in phase auth: nothing is sent.
SubmissionObservation submit(const SubmissionRequest &request, std::string_view mail,
                             Deadline deadline);

/// Answer to: would this server take a stranger's mail for strangers?
struct RelayAnswer {
    enum class Kind { kRefused, kAccepted, kUnknown };

    Kind kind = Kind::kUnknown;
    std::optional<std::string> reply;
    std::optional<std::string> step;  ///< "mail" or "rcpt": which command `reply` answers
    std::optional<Failure> failure;   ///< why unknown, if the dialogue broke
};

/// Asks by MAIL FROM, RCPT TO and RSET without logging in; never DATA.
RelayAnswer ask_open_relay(const SessionRequest &request, const RelayQuestion &question,
                           Deadline deadline);

}  // namespace mail_relay::roundtrip
