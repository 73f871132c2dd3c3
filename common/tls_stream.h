#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/deadline.h"
#include "common/unique_fd.h"

namespace mail_relay {

/// A TCP connection that can turn to TLS; no call takes longer than its deadline. For programs that
/// are linked without shared libraries, as libcurl cannot be. SIGPIPE has to be ignored.
class TlsStream {
  public:
    enum class State {
        kDone,
        kLate,    ///< the deadline came first
        kClosed,  ///< by the other side
        kFailed   ///< TLS failed: see tls_error()
    };

    TlsStream();
    ~TlsStream();
    TlsStream(TlsStream &&) noexcept;
    TlsStream &operator=(TlsStream &&) noexcept;

    /// Connects to an address literal; `bind_address` is the own address, "" the system's choice.
    /// Returns an errno, ETIMEDOUT when late, 0 when connected.
    int connect(const std::string &address, std::uint16_t port, const std::string &bind_address,
                Deadline deadline);

    /// Shakes hands. `server_name` is told to the server (SNI) unless it is empty.
    State start_tls(SSL_CTX *context, const std::string &server_name, Deadline deadline);

    /// Sends all bytes.
    State send(std::string_view bytes, Deadline deadline);

    /// Waits for bytes and appends them, at most 16 KB.
    State receive(std::string &received, Deadline deadline);

    const std::string &tls_error() const { return tls_error_; }

    /// Why `bind_address` could not be used; the connection is made without it, as Postfix does.
    const std::string &bind_error() const { return bind_error_; }

    /// The handshake failed because the other side does not speak TLS.
    bool is_plaintext() const { return is_plaintext_; }

  private:
    State transfer_state(int result, Deadline deadline);
    State wait(short events, Deadline deadline) const;

    UniqueFd socket_;
    std::unique_ptr<SSL, void (*)(SSL *)> tls_;
    std::string tls_error_;
    std::string bind_error_;
    bool is_plaintext_ = false;
};

}  // namespace mail_relay
