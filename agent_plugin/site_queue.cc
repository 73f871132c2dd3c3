#include "agent_plugin/site_queue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>

#include "agent_plugin/deferral_reasons.h"
#include "agent_plugin/queue_file.h"
#include "agent_plugin/queue_message.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/queue_walk.h"

namespace mail_relay {

namespace {

constexpr std::uint64_t kMostMessages = 3000;
constexpr std::size_t kMostSenders = 5;

class SiteQueueLook {
  public:
    SiteQueueLook(int queue_fd, const QueueSettings &settings, const std::vector<SiteUser> &sites,
                  const std::vector<std::string> &own_domains, Deadline deadline,
                  SiteQueues &result)
        : queue_fd_(queue_fd),
          sites_(sites),
          own_domains_(own_domains),
          deadline_(deadline),
          logs_(queue_fd, settings.defer_hash_depth),
          result_(result) {}

    void run() {
        for (const Queue queue : kQueues) {
            if (queue != Queue::kCorrupt) {
                look_at_queue(queue);
            }
        }
        for (auto &[site, reasons] : reasons_) {
            result_.sites[site].reasons = reasons->counted();
        }
    }

  private:
    void look_at_queue(Queue queue) {
        QueueNames names;
        if (const auto failure = walk_queue_names(queue_fd_, queue_name(queue), deadline_, names)) {
            result_.problems.push_back(
                {std::string("queues.").append(queue_name(queue)), failure->reason});
            result_.complete = false;
            return;
        }
        for (const QueueFolder &folder : names.folders) {
            if (folder.messages == 0) {
                continue;
            }
            if (!folder.names_are_kept) {
                result_.complete = false;
                continue;
            }
            const UniqueFd fd = open_queue_folder(queue_fd_, folder.path);
            for (std::size_t at = 0; fd && at < folder.names.size();) {
                const char *name = folder.names.c_str() + at;
                at += std::strlen(name) + 1;
                if (++examined_ > kMostMessages || deadline_.expired()) {
                    result_.complete = false;
                    return;
                }
                look_at_message(queue, fd.get(), name);
            }
        }
    }

    void look_at_message(Queue queue, int folder_fd, const char *name) {
        const UniqueFd file(
            ::openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat status {};
        if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
            return;  // delivered meanwhile
        }
        const ssize_t got = ::pread(file.get(), bytes_.data(), bytes_.size(), 0);
        const std::string_view bytes(bytes_.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        const QueueFileHead head = parse_queue_file_head(bytes);
        const auto user = queue == Queue::kMaildrop ? std::optional<std::uint32_t>(status.st_uid)
                                                    : find_submitter(bytes);
        const SiteUser *site = site_of(user, head.sender.value_or(""));
        if (site != nullptr) {
            count(*site, queue, name, head, head.arrival.value_or(status.st_mtim.tv_sec));
        }
    }

    const SiteUser *site_of(std::optional<std::uint32_t> user, std::string_view sender) const {
        const std::size_t at = std::min(sender.rfind('@'), sender.size());
        const std::string_view name = sender.substr(0, at);
        const std::string_view domain = sender.substr(std::min(at + 1, sender.size()));
        const bool is_own =
            std::find(own_domains_.begin(), own_domains_.end(), domain) != own_domains_.end();
        const auto site = std::find_if(sites_.begin(), sites_.end(), [&](const SiteUser &known) {
            return known.uid == user || (is_own && known.name == name);
        });
        return site == sites_.end() ? nullptr : &*site;
    }

    void count(const SiteUser &site, Queue queue, const char *name, const QueueFileHead &head,
               std::int64_t arrival) {
        SiteQueue &of_site = result_.sites[site.name];
        ++of_site.waiting.at(index_of(queue));
        of_site.oldest_arrival = std::min(of_site.oldest_arrival.value_or(arrival), arrival);
        const std::string sender(head.sender.value_or("").substr(0, 128));
        if (!sender.empty() && of_site.senders.size() < kMostSenders &&
            std::find(of_site.senders.begin(), of_site.senders.end(), sender) ==
                of_site.senders.end()) {
            of_site.senders.push_back(sender);
        }
        struct stat status {};
        std::optional<DeferLogEntry> entry;
        if (queue == Queue::kDeferred && logs_.read(name, status, entry) == ReadOutcome::kRead &&
            entry) {
            auto &reasons = reasons_[site.name];
            if (!reasons) {
                reasons = std::make_unique<DeferralReasons>(QueueHash(random_seed()));
            }
            reasons->count(reasons->learn(entry->reason, entry->dsn_status),
                           static_cast<std::uint32_t>(std::max<std::int64_t>(arrival, 0)));
        }
    }

    int queue_fd_;
    const std::vector<SiteUser> &sites_;
    const std::vector<std::string> &own_domains_;
    Deadline deadline_;
    DeferLogReader logs_;
    SiteQueues &result_;
    std::map<std::string, std::unique_ptr<DeferralReasons>> reasons_;
    std::array<char, 4096> bytes_{};
    std::uint64_t examined_ = 0;
};

}  // namespace

std::uint64_t SiteQueue::total() const {
    return std::accumulate(waiting.begin(), waiting.end(), std::uint64_t{0});
}

SiteQueues gather_site_queues(const FileTree &files, const Configuration &configuration,
                              const std::vector<SiteUser> &sites,
                              const std::vector<std::string> &own_domains, Deadline deadline) {
    SiteQueues result;
    const QueueSettings settings = queue_settings(configuration);
    const auto queue = files.open(settings.queue_directory, O_RDONLY | O_DIRECTORY);
    if (!queue) {
        result.problems.push_back({"waiting", queue.error().message()});
        result.complete = false;
        return result;
    }
    SiteQueueLook(queue->get(), settings, sites, own_domains, deadline, result).run();
    return result;
}

}  // namespace mail_relay
