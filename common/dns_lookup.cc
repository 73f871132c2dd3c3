#include "common/dns_lookup.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "common/file_tree.h"
#include "common/hosts_file.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kLongestText = 1000;
constexpr std::size_t kLongestName = 253;
constexpr int kFlags = 3;  // the second byte of flags in a DNS header
constexpr unsigned char kAuthenticatedData = 0x20;
constexpr std::size_t kHostsFileLimit = 4 << 20;

// Freed by c-ares itself.
template <class Reply>
using Parsed = std::unique_ptr<Reply, void (*)(void *)>;

std::string_view record_name(DnsRecord record) {
    switch (record) {
        case DnsRecord::kA:
            return "A";
        case DnsRecord::kAaaa:
            return "AAAA";
        case DnsRecord::kMx:
            return "MX";
        case DnsRecord::kPtr:
            return "PTR";
        case DnsRecord::kTxt:
            return "TXT";
    }
    return "";
}

int wire_type(DnsRecord record) {
    switch (record) {
        case DnsRecord::kA:
            return ns_t_a;
        case DnsRecord::kAaaa:
            return ns_t_aaaa;
        case DnsRecord::kMx:
            return ns_t_mx;
        case DnsRecord::kPtr:
            return ns_t_ptr;
        case DnsRecord::kTxt:
            return ns_t_txt;
    }
    return ns_t_a;
}

bool is_askable(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
           name.find("..") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.' || c == '/';
           });
}

void fail(DnsAnswer &answer, DnsStatus status, std::string_view why) {
    answer.status = status;
    answer.error = fmt::format("cannot resolve {}: {}", answer.question.name, why);
}

void fail(DnsAnswer &answer, int ares_status) {
    switch (ares_status) {
        case ARES_ENOTFOUND:
            return fail(answer, DnsStatus::kNoSuchName, "no such name");
        case ARES_ENODATA:
            return fail(answer, DnsStatus::kNoData,
                        fmt::format("no {} record", record_name(answer.question.record)));
        case ARES_EBADNAME:
            return fail(answer, DnsStatus::kBadName, "not a host name");
        case ARES_ETIMEOUT:
        case ARES_ECANCELLED:
        case ARES_EDESTRUCTION:
            return fail(answer, DnsStatus::kTimeout, "no answer from the DNS servers in time");
        case ARES_ECONNREFUSED:
            return fail(answer, DnsStatus::kServerFailure,
                        "the DNS servers cannot be reached or answer with a failure");
        default:
            return fail(answer, DnsStatus::kServerFailure,
                        fmt::format("DNS: {}", ares_strerror(ares_status)));
    }
}

template <class Address>
std::string show_address(int family, const Address &address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, &address, text.data(), text.size());
    return text.data();
}

int read_a(const unsigned char *reply, int length, DnsAnswer &answer) {
    std::array<ares_addrttl, kMostRecords> records{};
    int count = static_cast<int>(records.size());
    const int status = ares_parse_a_reply(reply, length, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
        answer.values.push_back(
            show_address(AF_INET, records.at(static_cast<std::size_t>(i)).ipaddr));
    }
    return status;
}

int read_aaaa(const unsigned char *reply, int length, DnsAnswer &answer) {
    std::array<ares_addr6ttl, kMostRecords> records{};
    int count = static_cast<int>(records.size());
    const int status = ares_parse_aaaa_reply(reply, length, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
        answer.values.push_back(
            show_address(AF_INET6, records.at(static_cast<std::size_t>(i)).ip6addr));
    }
    return status;
}

int read_mx(const unsigned char *reply, int length, DnsAnswer &answer) {
    ares_mx_reply *first = nullptr;
    const int status = ares_parse_mx_reply(reply, length, &first);
    const Parsed<ares_mx_reply> records(first, ares_free_data);
    for (const auto *mx = first; mx != nullptr && answer.exchangers.size() < kMostRecords;
         mx = mx->next) {
        answer.exchangers.push_back({mx->host, mx->priority});
    }
    std::stable_sort(answer.exchangers.begin(), answer.exchangers.end(),
                     [](const auto &l, const auto &r) { return l.preference < r.preference; });
    return status;
}

int read_ptr(const unsigned char *reply, int length, DnsAnswer &answer) {
    hostent *first = nullptr;
    const in_addr unused{};
    const int status = ares_parse_ptr_reply(reply, length, &unused, sizeof unused, AF_INET, &first);
    const std::unique_ptr<hostent, void (*)(hostent *)> host(first, ares_free_hostent);
    for (char **name = host ? host->h_aliases : nullptr;
         name != nullptr && *name != nullptr && answer.values.size() < kMostRecords; ++name) {
        answer.values.emplace_back(*name);
    }
    return status;
}

int read_txt(const unsigned char *reply, int length, DnsAnswer &answer) {
    ares_txt_ext *first = nullptr;
    const int status = ares_parse_txt_reply_ext(reply, length, &first);
    const Parsed<ares_txt_ext> records(first, ares_free_data);
    for (const auto *part = first; part != nullptr; part = part->next) {
        if (part->record_start != 0) {
            if (answer.values.size() == kMostRecords) {
                break;
            }
            answer.values.emplace_back();
        }
        auto &text = answer.values.back();
        for (std::size_t i = 0; i < part->length && text.size() < kLongestText; ++i) {
            const auto byte = static_cast<char>(part->txt[i]);
            text += byte >= ' ' && byte <= '~' ? byte : '?';
        }
    }
    return status;
}

int read_reply(const unsigned char *reply, int length, DnsAnswer &answer) {
    switch (answer.question.record) {
        case DnsRecord::kA:
            return read_a(reply, length, answer);
        case DnsRecord::kAaaa:
            return read_aaaa(reply, length, answer);
        case DnsRecord::kMx:
            return read_mx(reply, length, answer);
        case DnsRecord::kPtr:
            return read_ptr(reply, length, answer);
        case DnsRecord::kTxt:
            return read_txt(reply, length, answer);
    }
    return ARES_ENOTIMP;
}

// One c-ares channel and the questions under way on it.
class Channel {
  public:
    Channel(const DnsSettings &settings, Deadline deadline) {
        static const int library = ares_library_init(ARES_LIB_INIT_ALL);
        ares_options options{};
        options.sock_state_cb = [](void *self, ares_socket_t socket, int read, int write) {
            static_cast<Channel *>(self)->watch(socket, read != 0, write != 0);
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

    ~Channel() {
        if (channel_ != nullptr) {
            ares_destroy(channel_);
        }
    }

    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    void ask(DnsAnswer &answer) {
        if (status_ != ARES_SUCCESS) {
            return fail(answer, DnsStatus::kServerFailure,
                        fmt::format("DNS cannot be used: {}", ares_strerror(status_)));
        }
        const bool is_ptr = answer.question.record == DnsRecord::kPtr;
        const auto name = is_ptr ? reverse_domain(answer.question.name, "") : answer.question.name;
        if (!is_askable(name)) {
            return fail(answer, DnsStatus::kBadName, is_ptr ? "not an address" : "not a host name");
        }
        auto &asked = asked_.emplace_back(std::make_unique<Asked>(Asked{this, &answer}));
        ++pending_;
        const int type = wire_type(answer.question.record);
        if (authenticated_) {
            return ask_authenticated(name, type, asked.get());
        }
        const auto send = search_ && !is_ptr ? &ares_search : &ares_query;
        send(channel_, name.c_str(), ns_c_in, type, &Channel::on_reply, asked.get());
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
        Channel *channel;
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
        ares_send(channel_, query, size, &Channel::on_reply, asked);
        ares_free_string(query);
    }

    static void on_reply(void *argument, int status, int /*timeouts*/, unsigned char *reply,
                         int length) {
        const auto *asked = static_cast<Asked *>(argument);
        --asked->channel->pending_;
        auto &answer = *asked->answer;
        if (status == ARES_SUCCESS) {
            answer.authenticated = length > kFlags && (reply[kFlags] & kAuthenticatedData) != 0;
            status = read_reply(reply, length, answer);
        }
        if (status == ARES_SUCCESS && answer.values.empty() && answer.exchangers.empty()) {
            status = ARES_ENODATA;
        }
        if (status == ARES_SUCCESS) {
            answer.status = DnsStatus::kFound;
            answer.error.clear();
        } else {
            fail(answer, status);
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

bool is_of_family(std::string_view address, DnsRecord record) {
    return is_ipv6(address) == (record == DnsRecord::kAaaa);
}

// What the hosts file knows. A name that is there is not asked for elsewhere, in no family: that is
// how hosts files shadow DNS.
bool answer_from_hosts(const HostsFile &hosts, DnsAnswer &answer) {
    const auto &[record, name] = answer.question;
    if (record == DnsRecord::kPtr) {
        answer.values = hosts.names_of(name);
    } else if (record == DnsRecord::kA || record == DnsRecord::kAaaa) {
        const auto addresses = hosts.addresses_of(name);
        if (addresses.empty()) {
            return false;
        }
        std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(answer.values),
                     [record = record](const auto &a) { return is_of_family(a, record); });
        if (answer.values.empty()) {
            fail(answer, ARES_ENODATA);
            return true;
        }
    }
    if (answer.values.empty()) {
        return false;
    }
    answer.status = DnsStatus::kFound;
    return true;
}

HostsFile read_hosts(const DnsSettings &settings) {
    // A hosts file that is missing or cannot be read knows nothing: DNS has the word then.
    const auto text = settings.use_hosts ? FileTree().read(settings.hosts_file, kHostsFileLimit)
                                         : Result<std::string>("");
    return HostsFile(text ? *text : "");
}

}  // namespace

std::vector<DnsAnswer> look_up(const std::vector<DnsQuestion> &questions,
                               const DnsSettings &settings, Deadline deadline) {
    std::vector<DnsAnswer> answers(questions.size());
    const auto hosts = read_hosts(settings);
    std::optional<Channel> channel;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        answers[i].question = questions[i];
        if (answer_from_hosts(hosts, answers[i])) {
            continue;
        }
        if (!settings.use_dns) {
            fail(answers[i], DnsStatus::kNoSuchName, "not in the hosts file");
            continue;
        }
        if (!channel) {
            channel.emplace(settings, deadline);
        }
        channel->ask(answers[i]);
    }
    if (channel) {
        channel->answer_all(deadline);
    }
    return answers;
}

std::string reverse_domain(std::string_view address, std::string_view zone) {
    const std::string text(address);
    in6_addr ipv6{};
    in_addr ipv4{};
    std::string domain;
    if (::inet_pton(AF_INET, text.c_str(), &ipv4) == 1) {
        const auto number = ntohl(ipv4.s_addr);
        domain = fmt::format("{}.{}.{}.{}", number & 255, number >> 8 & 255, number >> 16 & 255,
                             number >> 24);
    } else if (::inet_pton(AF_INET6, text.c_str(), &ipv6) == 1) {
        for (int i = 15; i >= 0; --i) {
            const unsigned byte = ipv6.s6_addr[i];
            domain += fmt::format("{:x}.{:x}{}", byte & 15, byte >> 4, i > 0 ? "." : "");
        }
    } else {
        return "";
    }
    const bool is_ipv4 = text.find(':') == std::string::npos;
    const std::string_view arpa = is_ipv4 ? "in-addr.arpa" : "ip6.arpa";
    return fmt::format("{}.{}", domain, zone.empty() ? arpa : zone);
}

}  // namespace mail_relay
