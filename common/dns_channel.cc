#include "common/dns_channel.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/dns_reply.h"
#include "common/reverse_domain.h"

namespace mail_relay {

namespace {

constexpr std::size_t kLongestName = 253;
constexpr int kFlags = 3;  // the second byte of flags in a DNS header
constexpr unsigned char kAuthenticatedData = 0x20;

bool is_askable(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
           name.find("..") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.' || c == '/';
           });
}

}  // namespace

// One c-ares channel and the questions under way on it.
class DnsChannel::Implementation {
  public:
    Implementation(const DnsSettings &settings, Deadline deadline) {
        static const int library = ares_library_init(ARES_LIB_INIT_ALL);
        ares_options options{};
        options.sock_state_cb = [](void *self, ares_socket_t socket, int read, int write) {
            static_cast<Implementation *>(self)->watch(socket, read != 0, write != 0);
        };
        options.sock_state_cb_data = this;
        // Several tries fit into the time there is; the deadline itself is kept by answer_all().
        options.timeout = static_cast<int>(std::clamp<long>(deadline.left().count() / 4, 50, 1000));
        options.tries = 3;
        std::string lookups = "b";  // DNS only: the hosts file is read by us
        options.lookups = lookups.data();
        std::string resolv_conf = settings.resolv_conf;
        options.resolvconf_path = resolv_conf.data();
        status_ =
            library != ARES_SUCCESS
                ? library
                : ares_init_options(&channel_, &options,
                                    ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                        ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF);
        if (status_ == ARES_SUCCESS && !settings.servers.empty()) {
            const auto servers = fmt::format("{}", fmt::join(settings.servers, ","));
            status_ = ares_set_servers_ports_csv(channel_, servers.c_str());
        }
        search_ = settings.use_search_domains;
        authenticated_ = settings.ask_authenticated;
    }

    ~Implementation() {
        if (channel_ != nullptr) {
            ares_destroy(channel_);
        }
    }

    Implementation(const Implementation &) = delete;
    Implementation &operator=(const Implementation &) = delete;

    void ask(DnsAnswer &answer) {
        if (status_ != ARES_SUCCESS) {
            return note_failure(answer, DnsStatus::kServerFailure,
                                fmt::format("DNS cannot be used: {}", ares_strerror(status_)));
        }
        const bool is_ptr = answer.question.record == DnsRecord::kPtr;
        const auto name = is_ptr ? reverse_domain(answer.question.name, "") : answer.question.name;
        if (!is_askable(name)) {
            return note_failure(answer, DnsStatus::kBadName,
                                is_ptr ? "not an address" : "not a host name");
        }
        auto &asked = asked_.emplace_back(std::make_unique<Asked>(Asked{this, &answer}));
        ++pending_;
        const int type = wire_type(answer.question.record);
        if (authenticated_) {
            return ask_authenticated(name, type, asked.get());
        }
        const auto send = search_ && !is_ptr ? &ares_search : &ares_query;
        send(channel_, name.c_str(), ns_c_in, type, &Implementation::on_reply, asked.get());
    }

    void answer_all(Deadline deadline) {
        while (pending_ > 0 && !deadline.expired()) {
            std::vector<pollfd> sockets;
            sockets.reserve(watched_.size());
            for (const auto &[socket, events] : watched_) {
                sockets.push_back({socket, events, 0});
            }
            timeval wait{};
            timeval longest{};
            longest.tv_usec = static_cast<suseconds_t>(deadline.left().count() % 1000 * 1000);
            longest.tv_sec = deadline.left().count() / 1000;
            ares_timeout(channel_, &longest, &wait);
            const auto milliseconds = wait.tv_sec * 1000 + wait.tv_usec / 1000 + 1;
            ::poll(sockets.data(), sockets.size(), static_cast<int>(milliseconds));
            ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // its time-outs
            for (const auto &socket : sockets) {
                const bool broken = (socket.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
                const bool read = (socket.revents & POLLIN) != 0 || broken;
                const bool write = (socket.revents & POLLOUT) != 0 || broken;
                ares_process_fd(channel_, read ? socket.fd : ARES_SOCKET_BAD,
                                write ? socket.fd : ARES_SOCKET_BAD);
            }
        }
        if (pending_ > 0) {
            ares_cancel(channel_);
        }
    }

  private:
    struct Asked {
        Implementation *channel;
        DnsAnswer *answer;
    };

    // With the AD bit in the question a server tells it in its answer (RFC 6840, 5.7). c-ares has
    // no setting for it.
    void ask_authenticated(const std::string &name, int type, Asked *asked) {
        unsigned char *query = nullptr;
        int size = 0;
        const auto id = static_cast<unsigned short>(std::random_device()());
        const int status = ares_create_query(name.c_str(), ns_c_in, type, id, 1, &query, &size, 0);
        if (status != ARES_SUCCESS) {
            return on_reply(asked, status, 0, nullptr, 0);
        }
        query[kFlags] |= kAuthenticatedData;
        ares_send(channel_, query, size, &Implementation::on_reply, asked);
        ares_free_string(query);
    }

    static void on_reply(void *argument, int status, int /*timeouts*/, unsigned char *reply,
                         int length) {
        const auto *asked = static_cast<Asked *>(argument);
        --asked->channel->pending_;
        auto &answer = *asked->answer;
        if (status == ARES_SUCCESS) {
            answer.authenticated = length > kFlags && (reply[kFlags] & kAuthenticatedData) != 0;
            status = read_dns_reply(reply, length, answer);
        }
        if (status == ARES_SUCCESS && answer.values.empty() && answer.exchangers.empty()) {
            status = ARES_ENODATA;
        }
        if (status == ARES_SUCCESS) {
            answer.status = DnsStatus::kFound;
            answer.error.clear();
        } else {
            note_failure(answer, status);
        }
    }

    void watch(ares_socket_t socket, bool read, bool write) {
        if (!read && !write) {
            watched_.erase(socket);
        } else {
            watched_[socket] = static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
        }
    }

    ares_channel channel_ = nullptr;
    int status_ = ARES_SUCCESS;
    bool search_ = true;
    bool authenticated_ = false;
    std::map<ares_socket_t, short> watched_;
    std::vector<std::unique_ptr<Asked>> asked_;
    int pending_ = 0;
};

DnsChannel::DnsChannel(const DnsSettings &settings, Deadline deadline)
    : implementation_(std::make_unique<Implementation>(settings, deadline)) {}

DnsChannel::~DnsChannel() = default;

void DnsChannel::ask(DnsAnswer &answer) {
    implementation_->ask(answer);
}

void DnsChannel::answer_all(Deadline deadline) {
    implementation_->answer_all(deadline);
}

}  // namespace mail_relay
