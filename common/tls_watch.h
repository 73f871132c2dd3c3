#pragma once

#include <openssl/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/result.h"
#include "common/tls_observation.h"

namespace mail_relay {

/// Verifies a server's certificate while OpenSSL shakes hands, and notes what it saw, also of a
/// handshake that fails. Must outlive the connection.
class TlsWatch {
  public:
    using Clock = std::chrono::steady_clock;

    /// `server` is the name that counts where the policy gives none.
    TlsWatch(TlsPolicy policy, const std::string &server);
    TlsWatch(const TlsWatch &) = delete;
    TlsWatch &operator=(const TlsWatch &) = delete;

    /// Prepares the context of a connection to come. Fails if the CA bundle cannot be used.
    Result<void> install(SSL_CTX *context);

    /// Empty if there was no handshake.
    const std::optional<TlsObservation> &observation() const { return observation_; }
    bool shook_hands() const { return finished_.has_value(); }
    std::optional<Clock::time_point> finished() const { return finished_; }

  private:
    static int on_certificate(int accepted, X509_STORE_CTX *store);
    static void on_progress(const SSL *connection, int where, int value);
    void note(const SSL *connection);

    TlsPolicy policy_;
    std::optional<TlsObservation> observation_;
    std::optional<Clock::time_point> finished_;
};

}  // namespace mail_relay
