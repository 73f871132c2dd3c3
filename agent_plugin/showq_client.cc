#include "agent_plugin/showq_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "agent_plugin/queue_hash.h"
#include "agent_plugin/queue_seen.h"
#include "agent_plugin/queue_tally.h"
#include "common/unique_fd.h"

namespace mail_relay {

namespace {

// A million messages are some 200 MB.
constexpr std::uint64_t kMostBytes = 1U << 30U;

Result<UniqueFd> connect_to(const std::string &folder, std::string_view socket_name) {
    const UniqueFd directory(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        return failed("cannot open {}: {}", folder, std::strerror(errno));
    }
    // A socket's path has room for 107 characters only; through the folder it is short.
    struct sockaddr_un address {};
    address.sun_family = AF_UNIX;
    const auto end = fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1,
                                      "/proc/self/fd/{}/{}", directory.get(), socket_name);
    *end.out = '\0';
    UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface
    const auto *const name = reinterpret_cast<const struct sockaddr *>(&address);
    if (!connection || ::connect(connection.get(), name, sizeof address) != 0) {
        return failed("cannot connect to {}/{}: {}", folder, socket_name, std::strerror(errno));
    }
    return connection;
}

/// False at the end of the stream.
Result<bool> read_part(int connection, Deadline deadline, std::string &part) {
    constexpr std::size_t kPart = 65536;
    for (;;) {
        struct pollfd wait {
            connection, POLLIN, 0
        };
        const int ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
        if (ready == 0) {
            return failed("showq: did not finish in time");
        }
        part.resize(kPart);
        const ssize_t got = ready < 0 ? -1 : ::read(connection, part.data(), part.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got < 0) {
            return failed("showq: cannot read: {}", std::strerror(errno));
        }
        part.resize(static_cast<std::size_t>(got));
        return got > 0;
    }
}

/// Adds messages up as showq tells them.
class ShowqTally {
  public:
    ShowqTally(const QueueSettings &settings, std::int64_t now)
        : clock_(settings, now), hash_(random_seed()), tally_(clock_, hash_), seen_(0) {}

    void add(const ShowqMessage &message) {
        const auto *const queue = std::find_if(
            kQueues.begin(), kQueues.end(),
            [&message](Queue candidate) { return queue_name(candidate) == message.queue_name; });
        const std::uint64_t key = hash_(message.queue_id);
        // It lists one queue after the other; messages move in the meantime.
        if (queue == kQueues.end() || seen_.has_exactly(key)) {
            return;
        }
        seen_.add_exactly(key);
        tally_.add(*queue, record_of(message, *queue));
    }

    void fill(QueueFacts &facts) const {
        tally_.fill(facts);
        for (const Queue queue : kQueues) {
            if (queue != Queue::kCorrupt) {
                facts.queues.at(index_of(queue)) = tally_.numbers(queue);
            }
        }
    }

  private:
    static std::uint32_t unix_time(std::optional<std::int64_t> seconds) {
        return static_cast<std::uint32_t>(
            std::clamp<std::int64_t>(seconds.value_or(0), 0, 0xFFFFFFFF));
    }

    MessageRecord record_of(const ShowqMessage &message, Queue queue) {
        MessageRecord record;
        record.arrival = unix_time(message.arrival);
        record.damaged = message.content_bytes && message.arrival ? 0 : 1;
        record.set_content_bytes(message.content_bytes.value_or(0));
        record.null_sender = message.sender == "MAILER-DAEMON" ? 1 : 0;
        record.sender = hash_.tag(message.sender);
        tally_.senders().learn(record.sender, message.sender);
        std::size_t domains = 0;
        for (const ShowqRecipient &recipient : message.recipients) {
            add_domain(recipient.address, record, domains);
            if (queue == Queue::kDeferred && !recipient.reason.empty()) {
                record.reason = tally_.reasons().learn(recipient.reason, "");
                record.has_reason = 1;
            }
        }
        return record;
    }

    void add_domain(std::string_view address, MessageRecord &record, std::size_t &domains) {
        const auto at = address.rfind('@');
        std::string domain(at == std::string_view::npos ? "(no domain)" : address.substr(at + 1));
        std::transform(domain.begin(), domain.end(), domain.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const std::uint32_t tag = hash_.tag(domain);
        auto *const end = record.domains.begin() + domains;
        if (domains < record.domains.size() && std::find(record.domains.begin(), end, tag) == end) {
            record.domains.at(domains++) = tag;
            tally_.domains().learn(tag, domain);
        }
    }

    QueueClock clock_;
    QueueHash hash_;
    QueueTally tally_;
    SeenMessages seen_;
};

}  // namespace

Result<void> read_showq(const std::string &queue_directory, Deadline deadline,
                        ShowqParser::Visit visit) {
    const auto connection = connect_to(queue_directory + "/public", "showq");
    if (!connection) {
        return connection.error();
    }
    ShowqParser parser(std::move(visit));
    std::string part;
    std::uint64_t bytes = 0;
    for (;;) {
        const auto more = read_part(connection->get(), deadline, part);
        if (!more) {
            return more.error();
        }
        if (!*more) {
            return parser.finish();
        }
        bytes += part.size();
        if (bytes > kMostBytes) {
            return failed("showq: more than {} bytes", kMostBytes);
        }
        if (auto fed = parser.feed(part); !fed) {
            return fed;
        }
    }
}

QueueFacts gather_queue_from_showq(const QueueSettings &settings, Deadline deadline,
                                   std::int64_t now) {
    QueueFacts facts;
    facts.source = QueueSource::kShowq;
    ShowqTally tally(settings, now);
    const auto read = read_showq(settings.queue_directory, deadline,
                                 [&tally](const ShowqMessage &message) { tally.add(message); });
    if (read) {
        tally.fill(facts);
        facts.problems.push_back({"queues.corrupt", "showq does not list it: run as root"});
        facts.problems.push_back({"next_attempt", "showq does not tell it: run as root"});
        return facts;
    }
    for (const Queue queue : kQueues) {
        facts.problems.push_back(
            {fmt::format("queues.{}", queue_name(queue)), read.error().message()});
    }
    return facts;
}

}  // namespace mail_relay
