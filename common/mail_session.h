#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/dns_lookup.h"
#include "common/failure.h"
#include "common/host_addresses.h"
#include "common/mail_dialogue.h"
#include "common/network_setup.h"
#include "common/result.h"
#include "common/secret.h"
#include "common/session_observation.h"
#include "common/tls_observation.h"

namespace mail_relay {

/// How to log in: with a password, or with an OAuth2 access token.
struct Credentials {
    std::string user;
    Secret secret;
    bool is_token = false;
    std::string mechanism;  ///< PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER; empty: by offer
};

/// One server and how to talk to it up to where the first mail command would come.
struct SessionRequest {
    MailProtocol protocol = MailProtocol::kSmtp;
    std::string server;  ///< name or address; the name its certificate must carry
    std::uint16_t port = 0;
    TlsMode tls = TlsMode::kStartTls;
    TlsPolicy tls_policy;
    AddressFamily family = AddressFamily::kAny;
    std::string only_address;                ///< connect there instead of resolving the name
    std::string helo;                        ///< SMTP; empty: the host's own name
    std::string bind_address;                ///< empty: the system's choice
    std::optional<Credentials> credentials;  ///< none: no log-in
    DnsSettings dns;
};

/// A connection that is open, as far as asked for encrypted and logged in. libcurl brings it there
/// and carries the bytes; what is said from here on is the business of the protocol's own file.
class MailSession {
  public:
    /// Tries the addresses of the server in turn until one greets. Always has an observation; it
    /// is usable if that has no failure.
    MailSession(const SessionRequest &request, Deadline deadline);
    ~MailSession();
    MailSession(MailSession &&) noexcept;
    MailSession &operator=(MailSession &&) noexcept;

    bool ready() const { return !observation().failure; }
    const SessionObservation &observation() const;

    /// Sends all bytes, or fails.
    Result<void> send(std::string_view bytes, Deadline deadline);

    /// Waits for bytes: at least one, at most 16 KB. The end of the connection is an Error.
    Result<std::string> receive(Deadline deadline);

    /// Text from the server fit for showing: one line, printable, no secret, at most 500 bytes.
    std::string presentable(std::string_view reply) const;

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace mail_relay
