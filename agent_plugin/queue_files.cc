#include "agent_plugin/queue_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "agent_plugin/queue_examiner.h"
#include "agent_plugin/queue_id.h"
#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_motion.h"
#include "agent_plugin/queue_oddities.h"
#include "agent_plugin/queue_remember.h"
#include "agent_plugin/queue_walk.h"

namespace mail_relay {

namespace {

// Below this many a second thread takes longer to start than it saves.
constexpr std::uint64_t kMessagesForSecondThread = 20000;
// What one look learns at most: 6 MB of records; the next looks learn the rest.
constexpr std::size_t kMostLearned = 1U << 17U;
// Defer logs that each thread reads in one look: all of an ordinary queue, an even sample of a huge
// one, so that a first look at it stays short. The next looks read the rest.
constexpr std::uint64_t kDeferLogsInLook = 50000;
// A part of the budget is kept for writing the memory.
constexpr double kExaminingPart = 0.85;

// Among more, one that was missed matters as little as one that came a moment later.
constexpr std::uint64_t kFewMessages = 10000;
// Each time few of those messages can be missed again that move just then.
constexpr int kMostLooksAgain = 6;

/// Queues that are walked before the deferred one, in an order in which messages seldom move
/// against the walk. The first ones are small as a rule: Postfix limits active, and hold and
/// corrupt are an administrator's.
constexpr std::array kSmallQueues{Queue::kMaildrop, Queue::kHold, Queue::kCorrupt, Queue::kIncoming,
                                  Queue::kActive};

/// Between these Postfix moves messages by itself.
constexpr std::array kMovingQueues{Queue::kIncoming, Queue::kActive, Queue::kDeferred};

/// One look at the files of one queue.
class FilesLook {
  public:
    FilesLook(int fd, const QueueSettings &settings, const QueueLimits &limits,
              const QueueMemory &memory, std::int64_t now)
        : fd_(fd), settings_(settings), limits_(limits), memory_(memory), clock_(settings, now) {}

    QueueFilesLook run(const QueueMemoryPlace &place, std::string_view queue_identity) {
        const auto start = std::chrono::steady_clock::now();
        walk_names();
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        examine(std::chrono::duration<double>(limits_.details) * kExaminingPart - spent);
        fill_facts();
        remember(place, queue_identity);
        return std::move(result_);
    }

  private:
    void walk_names() {
        const Deadline deadline = Deadline::in(limits_.names);
        for (const Queue queue : kQueues) {
            auto failure = walk_queue_names(fd_, queue_name(queue), deadline, names_of(queue));
            if (failure) {
                fail(queue, std::move(*failure));
            }
        }
    }

    /// Postfix makes its folders when it is started for the first time: until then one that is
    /// not there is empty.
    bool is_yet_to_come(const WalkFailure &failure) const {
        return failure.error_number == ENOENT && ::faccessat(fd_, "pid/master.pid", F_OK, 0) != 0 &&
               errno == ENOENT;
    }

    void fail(Queue queue, WalkFailure failure) {
        if (is_yet_to_come(failure)) {
            return;
        }
        result_.permission_denied = result_.permission_denied || failure.error_number == EACCES;
        failures_.at(index_of(queue)) = std::move(failure);
    }

    void examine(std::chrono::duration<double> budget) {
        std::uint64_t expected = 0;
        for (const QueueNames &names : names_) {
            expected += names.messages;
        }
        const std::uint64_t deferred = names_of(Queue::kDeferred).messages;
        const unsigned threads =
            expected < kMessagesForSecondThread
                ? 1
                : std::clamp(std::min(limits_.threads, std::thread::hardware_concurrency()), 1U,
                             8U);
        QueuePace pace(std::chrono::duration_cast<std::chrono::nanoseconds>(budget), expected);
        EvenShare defer_logs(threads * kDeferLogsInLook,
                             deferred - std::min(deferred, memory_.with_reason()));
        SeenMessages seen(deferred);
        std::atomic<std::size_t> may_learn{kMostLearned};
        const QueueLook look{fd_, settings_, clock_, memory_, pace, defer_logs, seen, may_learn};
        const auto unknown = expected - std::min<std::uint64_t>(expected, memory_.size());
        for (unsigned i = 0; i < threads; ++i) {
            examiners_.emplace_back(look);
            examiners_.back().reserve(expected, std::min<std::uint64_t>(unknown, kMostLearned));
        }
        for (const Queue queue : kSmallQueues) {
            examine_folders(examiners_.front(), queue, Pass::kSmallQueue);
        }
        examine_deferred();
        look_again(expected);
    }

    /// Messages that Postfix moved against the walk: only a look during which nothing moves surely
    /// sees them all.
    void look_again(std::uint64_t expected) {
        for (int time = 0; time < kMostLooksAgain && something_moved(); ++time) {
            motion_.begin_again();
            look_for_newcomers(Queue::kIncoming);
            look_for_newcomers(Queue::kActive);
            if (time == 0) {
                look_for_vanished();
            }
            if (expected > kFewMessages) {
                return;
            }
            look_for_newcomers(Queue::kDeferred);
        }
    }

    void look_for_newcomers(Queue queue) {
        if (failures_.at(index_of(queue))) {
            return;
        }
        QueueNames again;
        auto failure = walk_queue_names(fd_, queue_name(queue), Deadline::in(limits_.names), again);
        if (failure) {
            fail(queue, std::move(*failure));
            return;
        }
        std::swap(names_of(queue).folders, again.folders);
        examine_folders(examiners_.front(), queue, Pass::kNewcomers);
    }

    bool something_moved() const {
        return std::any_of(kMovingQueues.begin(), kMovingQueues.end(), [this](Queue queue) {
            return motion_.may_concern(names_.at(index_of(queue)));
        });
    }

    void examine_folders(QueueExaminer &examiner, Queue queue, Pass pass) {
        if (failures_.at(index_of(queue))) {
            return;
        }
        for (const QueueFolder &folder : names_of(queue).folders) {
            if (auto failure = examiner.examine_folder(queue, folder, pass)) {
                fail(queue, std::move(*failure));
                return;
            }
        }
    }

    /// Threads take one hashed folder after the other.
    void examine_deferred() {
        if (failures_.at(index_of(Queue::kDeferred))) {
            return;
        }
        const auto &folders = names_of(Queue::kDeferred).folders;
        std::vector<std::optional<WalkFailure>> failures(examiners_.size());
        std::atomic<std::size_t> next{0};
        const auto work = [&](std::size_t worker) {
            for (auto i = next.fetch_add(1); i < folders.size() && !failures[worker];
                 i = next.fetch_add(1)) {
                failures[worker] = examiners_[worker].examine_folder(Queue::kDeferred, folders[i],
                                                                     Pass::kDeferred);
            }
        };
        {
            std::vector<std::jthread> threads;
            for (std::size_t worker = 1; worker < examiners_.size(); ++worker) {
                threads.emplace_back(work, worker);
            }
            work(0);
        }
        for (auto &failure : failures) {
            if (failure) {
                fail(Queue::kDeferred, std::move(*failure));
            }
        }
    }

    /// Where Postfix may have moved a message while we were elsewhere.
    void look_for_vanished() {
        std::vector<std::string> vanished;
        for (const QueueExaminer &examiner : examiners_) {
            vanished.insert(vanished.end(), examiner.vanished().begin(), examiner.vanished().end());
        }
        const std::string deferred(queue_name(Queue::kDeferred));
        QueueExaminer &examiner = examiners_.front();
        for (const std::string &id : vanished) {
            auto folder = deferred;
            if (const auto hashed = hashed_folder(id, settings_.defer_hash_depth);
                !hashed.empty()) {
                folder.append("/").append(hashed);
            }
            examiner.look_for(Queue::kActive, std::string(queue_name(Queue::kActive)), id);
            examiner.look_for(Queue::kDeferred, folder, id);
        }
    }

    void fill_facts() {
        tally_.emplace(clock_, memory_.hash());
        tally_->senders().merge(memory_.senders());
        tally_->domains().merge(memory_.domains());
        tally_->reasons().merge(memory_.reasons());
        for (const QueueExaminer &examiner : examiners_) {
            tally_->merge(examiner.tally());
        }
        QueueFacts &facts = result_.facts;
        facts.source = QueueSource::kFiles;
        tally_->fill(facts);
        facts.top_sender_growth = sender_growth(facts, memory_, clock_.now);
        for (const Queue queue : kQueues) {
            if (auto &failure = failures_.at(index_of(queue))) {
                facts.problems.push_back(
                    {fmt::format("queues.{}", queue_name(queue)), failure->reason});
            } else {
                facts.queues.at(index_of(queue)) = tally_->numbers(queue);
            }
        }
        const Problems oddities = queue_oddities(names_, examiners_);
        facts.problems.insert(facts.problems.end(), oddities.begin(), oddities.end());
    }

    void remember(const QueueMemoryPlace &place, std::string_view queue_identity) {
        if (place.directory.empty()) {
            return;
        }
        if (auto remembered = remember_queue(place, queue_identity, memory_, examiners_, *tally_,
                                             result_.facts, clock_.now);
            !remembered) {
            result_.facts.problems.push_back({"queue_memory", remembered.error().message()});
        }
    }

    QueueNames &names_of(Queue queue) { return names_.at(index_of(queue)); }

    int fd_;
    QueueMotion motion_{fd_};
    const QueueSettings &settings_;
    const QueueLimits &limits_;
    const QueueMemory &memory_;
    QueueClock clock_;
    std::array<QueueNames, kQueueCount> names_;
    std::array<std::optional<WalkFailure>, kQueueCount> failures_;
    std::deque<QueueExaminer> examiners_;
    std::optional<QueueTally> tally_;
    QueueFilesLook result_;
};

QueueFilesLook unreadable_directory(const FileTree &files, const std::string &directory,
                                    const Error &error) {
    QueueFilesLook look;
    look.permission_denied =
        !directory.empty() &&
        ::faccessat(AT_FDCWD, files.outside(directory).c_str(), R_OK | X_OK, AT_EACCESS) != 0 &&
        errno == EACCES;
    for (const Queue queue : kQueues) {
        look.facts.problems.push_back(
            {fmt::format("queues.{}", queue_name(queue)), error.message()});
    }
    return look;
}

}  // namespace

QueueFilesLook gather_queue_files(const FileTree &files, const QueueSettings &settings,
                                  const QueueLimits &limits, const QueueMemoryPlace &place,
                                  std::int64_t now) {
    const auto directory = settings.queue_directory.empty()
                               ? failed("queue_directory is not known")
                               : files.open(settings.queue_directory, O_RDONLY | O_DIRECTORY);
    if (!directory) {
        return unreadable_directory(files, settings.queue_directory, directory.error());
    }
    const std::string identity = files.outside(settings.queue_directory);
    Problems problems;
    const QueueMemory memory = recall_queue(place, identity, problems);
    auto look = FilesLook(directory->get(), settings, limits, memory, now).run(place, identity);
    look.facts.problems.insert(look.facts.problems.begin(), problems.begin(), problems.end());
    return look;
}

}  // namespace mail_relay
