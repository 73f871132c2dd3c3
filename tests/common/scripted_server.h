#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/unique_fd.h"
#include "tests/common/test_certificate.h"

namespace mail_relay::test {

/// The server's end of a connection, for a script to play on.
class Peer {
  public:
    Peer(UniqueFd socket, const std::atomic<bool> &stopping)
        : socket_(std::move(socket)), stopping_(stopping) {}

    /// Sends the bytes; false when nobody is there any more.
    bool say(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent =
                tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                     : static_cast<int>(
                           ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
            if (sent <= 0 || stopping_) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// The next line from the client, without its end; "" when there is none.
    std::string hear() {
        for (;;) {
            if (const auto end = heard_.find('\n'); end != std::string::npos) {
                auto line = heard_.substr(0, end);
                heard_.erase(0, end + 1);
                if (line.ends_with('\r')) {
                    line.pop_back();
                }
                return line;
            }
            if (!receive()) {
                return "";
            }
        }
    }

    /// That many bytes; fewer when there are no more.
    std::string hear_bytes(std::size_t count) {
        while (heard_.size() < count && receive()) {
        }
        auto bytes = heard_.substr(0, count);
        heard_.erase(0, bytes.size());
        return bytes;
    }

    /// Hears a line and answers it; the line.
    std::string answer(std::string_view reply) {
        auto line = hear();
        say(reply);
        return line;
    }

    bool start_tls(const TestCertificate &certificate,
                   const std::vector<const TestCertificate *> &chain = {}) {
        context_.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(context_.get(), certificate.certificate());
        SSL_CTX_use_PrivateKey(context_.get(), certificate.key());
        for (const auto *more : chain) {
            SSL_CTX_add1_chain_cert(context_.get(), more->certificate());
        }
        tls_.reset(SSL_new(context_.get()));
        SSL_set_fd(tls_.get(), socket_.get());
        return SSL_accept(tls_.get()) == 1;
    }

    /// Says nothing until the client goes away or the test ends.
    void be_silent() {
        std::array<char, 4096> buffer{};
        while (wait() && ::recv(socket_.get(), buffer.data(), buffer.size(), 0) > 0) {
        }
    }

  private:
    bool receive() {
        std::array<char, 4096> buffer{};
        const int size = static_cast<int>(buffer.size());
        if (!wait()) {
            return false;
        }
        const int got =
            tls_ ? SSL_read(tls_.get(), buffer.data(), size)
                 : static_cast<int>(::recv(socket_.get(), buffer.data(), buffer.size(), 0));
        if (got > 0) {
            heard_.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return got > 0;
    }

    bool wait() {
        if (tls_ && SSL_pending(tls_.get()) > 0) {
            return true;
        }
        while (!stopping_) {
            pollfd readable{socket_.get(), POLLIN, 0};
            if (::poll(&readable, 1, 20) > 0) {
                return true;
            }
        }
        return false;
    }

    UniqueFd socket_;
    const std::atomic<bool> &stopping_;
    std::string heard_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX *)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, void (*)(SSL *)> tls_{nullptr, SSL_free};
};

/// Plays a script to every client, each in its own thread, on a free port of the loopback.
class ScriptedServer {
  public:
    using Script = std::function<void(Peer &)>;

    explicit ScriptedServer(Script script, const std::string &address = "127.0.0.1",
                            std::uint16_t port = 0)
        : script_(std::move(script)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
        socklen_t size = sizeof name;
        const int yes = 1;
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        (void)::bind(socket_.get(), reinterpret_cast<sockaddr *>(&name), size);
        ::listen(socket_.get(), 64);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&name), &size);
        port_ = ntohs(name.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ScriptedServer(const ScriptedServer &) = delete;
    ScriptedServer &operator=(const ScriptedServer &) = delete;

    ~ScriptedServer() {
        stopping_ = true;
        thread_.join();
        for (auto &client : clients_) {
            client.join();
        }
    }

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }

  private:
    void serve() {
        while (!stopping_) {
            pollfd readable{socket_.get(), POLLIN, 0};
            if (::poll(&readable, 1, 20) <= 0) {
                continue;
            }
            UniqueFd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            ++connections_;
            clients_.emplace_back([this, fd = client.release()] {
                Peer peer{UniqueFd(fd), stopping_};
                script_(peer);
            });
        }
    }

    Script script_;
    UniqueFd socket_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::vector<std::thread> clients_;
    std::thread thread_;
};

/// A port of 127.0.0.1 on which nothing listens.
inline std::uint16_t closed_port() {
    return ScriptedServer([](Peer &) {}).port();
}

}  // namespace mail_relay::test
