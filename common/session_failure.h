#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/failure.h"
#include "common/mail_dialogue.h"
#include "common/tls_observation.h"

namespace mail_relay {

/// A server as messages name it: "smtp.example.org[192.0.2.25]:587".
std::string endpoint_name(std::string_view server, std::string_view address, std::uint16_t port);

/// What ended a dialogue, told from where it stood. `where` is an endpoint_name(); `words` are what
/// the server said last, fit for showing; "" if it said nothing, or nothing that refuses.
class SessionFailure {
  public:
    SessionFailure(const MailDialogue &dialogue, std::string where, std::string words)
        : dialogue_(dialogue), where_(std::move(where)), words_(std::move(words)) {}

    /// `error` is an errno.
    Failure not_connected(int error, std::string_view address) const;

    /// Lost, or silent until time was up.
    Failure lost(bool in_time) const;

    Failure endless() const;

    /// STARTTLS was not offered, or refused.
    Failure no_starttls() const;

    Failure certificate_refused(const TlsObservation &seen) const;

    Failure handshake(std::string_view why) const;

    /// The server said no. Its words decide the class, else `otherwise`.
    Failure refused(std::string_view phase, FailureClass otherwise, std::string_view what) const;

    Failure other(std::string_view phase, FailureClass kind, std::string_view what) const;

  private:
    const MailDialogue &dialogue_;
    std::string where_;
    std::string words_;
};

}  // namespace mail_relay
