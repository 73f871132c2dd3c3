#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/unique_fd.h"

namespace mail_relay::test {

/// A DNS server on a free port of 127.0.0.1 that says what a test told it.
class DnsServer {
  public:
    static constexpr int kA = 1;
    static constexpr int kPtr = 12;
    static constexpr int kMx = 15;
    static constexpr int kTxt = 16;
    static constexpr int kAaaa = 28;

    DnsServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        (void)::bind(socket_.get(), reinterpret_cast<sockaddr *>(&address), size);
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr *>(&address), &size);
        address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    DnsServer(const DnsServer &) = delete;
    DnsServer &operator=(const DnsServer &) = delete;
    ~DnsServer() {
        stopping_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    /// All records are to be set before the server starts.
    void start() {
        thread_ = std::thread([this] { serve(); });
    }

    std::string address() const { return address_; }

    void add(const std::string &name, int type, const std::string &content) {
        records_[{name, type}].push_back(content);
    }
    void add_a(const std::string &name, const std::string &ipv4) {
        std::string bytes(4, '\0');
        ::inet_pton(AF_INET, ipv4.c_str(), bytes.data());
        add(name, kA, bytes);
    }
    void add_aaaa(const std::string &name, const std::string &ipv6) {
        std::string bytes(16, '\0');
        ::inet_pton(AF_INET6, ipv6.c_str(), bytes.data());
        add(name, kAaaa, bytes);
    }
    void add_mx(const std::string &name, std::uint16_t preference, const std::string &host) {
        add(name, kMx, number(preference) + wire_name(host));
    }

    /// Answers to this name carry that response code (2: server failure); -1: no answer at all.
    void set_code(const std::string &name, int code) { codes_[name] = code; }

    /// The bytes that answer this name instead, behind the two of the query's number.
    void set_garbage(const std::string &name, const std::string &bytes) { garbage_[name] = bytes; }

    static std::string wire_name(const std::string &name) {
        std::string wire;
        for (std::size_t at = 0; at < name.size();) {
            const auto end = std::min(name.find('.', at), name.size());
            wire += static_cast<char>(end - at);
            wire += name.substr(at, end - at);
            at = end + 1;
        }
        return wire + '\0';
    }

    static std::string number(unsigned value) {
        return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
    }

  private:
    void serve() {
        while (!stopping_) {
            pollfd readable{socket_.get(), POLLIN, 0};
            if (::poll(&readable, 1, 20) <= 0) {
                continue;
            }
            std::array<char, 2048> buffer{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const auto got = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                                        reinterpret_cast<sockaddr *>(&from), &size);
            if (got < 17) {
                continue;
            }
            const auto reply = answer({buffer.data(), static_cast<std::size_t>(got)});
            if (!reply.empty()) {
                ::sendto(socket_.get(), reply.data(), reply.size(), 0,
                         reinterpret_cast<sockaddr *>(&from), size);
            }
        }
    }

    std::string answer(const std::string &query) const {
        std::string name;
        std::size_t at = 12;
        while (query[at] != 0) {
            const std::size_t length = static_cast<unsigned char>(query[at]);
            name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
            at += length + 1;
        }
        const int type = static_cast<unsigned char>(query[at + 2]);
        const auto question = query.substr(12, at + 5 - 12);
        if (const auto bytes = garbage_.find(name); bytes != garbage_.end()) {
            return query.substr(0, 2) + bytes->second;
        }
        const auto records = records_.find({name, type});
        const auto count = records == records_.end() ? 0 : records->second.size();
        const auto known = records_.lower_bound({name, 0});
        const bool exists = known != records_.end() && known->first.first == name;
        const auto code = codes_.find(name);
        const int rcode = code != codes_.end() ? code->second : exists ? 0 : 3;
        if (rcode < 0) {
            return "";
        }
        auto reply = query.substr(0, 2) + number(0x8180u | static_cast<unsigned>(rcode)) +
                     number(1) + number(static_cast<unsigned>(count)) + number(0) + number(0) +
                     question;
        for (std::size_t i = 0; i < count; ++i) {
            const auto &content = records->second[i];
            reply += number(0xC00C) + number(static_cast<unsigned>(type)) + number(1) + number(0) +
                     number(60) + number(static_cast<unsigned>(content.size())) + content;
        }
        return reply;
    }

    UniqueFd socket_;
    std::string address_;
    std::map<std::pair<std::string, int>, std::vector<std::string>> records_;
    std::map<std::string, int> codes_;
    std::map<std::string, std::string> garbage_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace mail_relay::test
