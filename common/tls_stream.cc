#include "common/tls_stream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mail_relay {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPiece = 16'384;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
};

/// Size 0 for what is no address.
SocketAddress socket_address(const std::string &address, std::uint16_t port) {
    SocketAddress result;
    auto *const ipv4 = reinterpret_cast<sockaddr_in *>(&result.storage);
    auto *const ipv6 = reinterpret_cast<sockaddr_in6 *>(&result.storage);
    if (::inet_pton(AF_INET, address.c_str(), &ipv4->sin_addr) == 1) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(port);
        result.size = sizeof *ipv4;
    } else if (::inet_pton(AF_INET6, address.c_str(), &ipv6->sin6_addr) == 1) {
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons(port);
        result.size = sizeof *ipv6;
    }
    return result;
}

int socket_error(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::string first_openssl_error() {
    const auto code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return code == 0 ? "no reason given" : reason != nullptr ? reason : text.data();
}

/// What a TLS client finds where it expected a TLS record, and the server's greeting was.
bool is_no_tls(unsigned long code) {
    const int reason = ERR_GET_REASON(code);
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

}  // namespace

TlsStream::TlsStream() : tls_(nullptr, SSL_free) {}
TlsStream::~TlsStream() = default;
TlsStream::TlsStream(TlsStream &&) noexcept = default;
TlsStream &TlsStream::operator=(TlsStream &&) noexcept = default;

int TlsStream::connect(const std::string &address, std::uint16_t port,
                       const std::string &bind_address, Deadline deadline) {
    const auto peer = socket_address(address, port);
    if (peer.size == 0) {
        return EAFNOSUPPORT;
    }
    socket_ =
        UniqueFd(::socket(peer.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_) {
        return errno;
    }
    if (!bind_address.empty()) {
        const auto own = socket_address(bind_address, 0);
        if (::bind(socket_.get(), own.get(), own.size) != 0) {
            bind_error_ = fmt::format("bind {}: {}", bind_address, std::strerror(errno));
        }
    }
    if (::connect(socket_.get(), peer.get(), peer.size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    return wait(POLLOUT, deadline) == State::kLate ? ETIMEDOUT : socket_error(socket_.get());
}

TlsStream::State TlsStream::wait(short events, Deadline deadline) const {
    pollfd ready{socket_.get(), events, 0};
    do {
        // One more millisecond: what is left is rounded down.
        const auto span = std::min<milliseconds::rep>(deadline.left().count() + 1, 60'000);
        const int count = ::poll(&ready, 1, static_cast<int>(span));
        if (count > 0 || (count < 0 && errno != EINTR)) {
            return State::kDone;
        }
    } while (!deadline.expired());
    return State::kLate;
}

/// kDone: try again.
TlsStream::State TlsStream::transfer_state(int result, Deadline deadline) {
    if (!tls_) {
        if (errno == EINTR) {
            return State::kDone;
        }
        return errno == EAGAIN ? wait(POLLIN, deadline) : State::kClosed;
    }
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return wait(POLLIN, deadline);
        case SSL_ERROR_WANT_WRITE:
            return wait(POLLOUT, deadline);
        case SSL_ERROR_SSL:
            if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
                return State::kClosed;
            }
            is_plaintext_ = SSL_in_init(tls_.get()) != 0 && is_no_tls(ERR_peek_error());
            tls_error_ = first_openssl_error();
            return State::kFailed;
        default:
            return State::kClosed;
    }
}

TlsStream::State TlsStream::start_tls(SSL_CTX *context, const std::string &server_name,
                                      Deadline deadline) {
    ERR_clear_error();
    tls_.reset(SSL_new(context));
    if (!tls_ || SSL_set_fd(tls_.get(), socket_.get()) != 1 ||
        (!server_name.empty() && SSL_set_tlsext_host_name(tls_.get(), server_name.c_str()) != 1)) {
        tls_error_ = first_openssl_error();
        return State::kFailed;
    }
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(tls_.get());
        if (result == 1) {
            return State::kDone;
        }
        if (const State state = transfer_state(result, deadline); state != State::kDone) {
            return state;
        }
    }
}

TlsStream::State TlsStream::send(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        ERR_clear_error();
        const int size = static_cast<int>(std::min(bytes.size(), kPiece));
        const int sent = tls_ ? SSL_write(tls_.get(), bytes.data(), size)
                              : static_cast<int>(::send(socket_.get(), bytes.data(),
                                                        static_cast<std::size_t>(size), 0));
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        const bool full = !tls_ && errno == EAGAIN;
        const State state = full ? wait(POLLOUT, deadline) : transfer_state(sent, deadline);
        if (state != State::kDone) {
            return state;
        }
    }
    return State::kDone;
}

TlsStream::State TlsStream::receive(std::string &received, Deadline deadline) {
    std::array<char, kPiece> piece{};
    for (;;) {
        ERR_clear_error();
        const int got =
            tls_ ? SSL_read(tls_.get(), piece.data(), static_cast<int>(piece.size()))
                 : static_cast<int>(::recv(socket_.get(), piece.data(), piece.size(), 0));
        if (got > 0) {
            received.append(piece.data(), static_cast<std::size_t>(got));
            return State::kDone;
        }
        if (got == 0 && !tls_) {
            return State::kClosed;
        }
        if (const State state = transfer_state(got, deadline); state != State::kDone) {
            return state;
        }
    }
}

}  // namespace mail_relay
