#include "agent_plugin/queue_oddities.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace mail_relay {

namespace {

/// Adds a problem about what all examiners together met, if they did.
void report(const std::deque<QueueExaminer> &examiners, std::string_view what,
            fmt::format_string<std::uint64_t &, std::string &> text,
            const Oddity &(QueueExaminer::*oddity)() const, Problems &problems) {
    Oddity sum;
    for (const QueueExaminer &examiner : examiners) {
        sum.merge((examiner.*oddity)());
    }
    if (sum.times > 0) {
        problems.push_back({std::string(what), fmt::format(text, sum.times, sum.example)});
    }
}

}  // namespace

Problems queue_oddities(const std::array<QueueNames, kQueueCount> &names,
                        const std::deque<QueueExaminer> &examiners) {
    Problems problems;
    for (const Queue queue : kQueues) {
        const QueueNames &walked = names.at(index_of(queue));
        if (walked.odd > 0) {
            problems.push_back({fmt::format("queues.{}.files", queue_name(queue)),
                                fmt::format("{} entries that are no queue files, such as {}",
                                            walked.odd, walked.odd_example)});
        }
    }
    report(examiners, "messages", "{} queue files that could not be understood, such as {}",
           &QueueExaminer::damaged, problems);
    report(examiners, "messages", "{} queue files that could not be read, such as {}",
           &QueueExaminer::unreadable, problems);
    report(examiners, "deferral_reasons",
           "{} defer logs that could not be used, such as that of {}",
           &QueueExaminer::unusable_logs, problems);
    return problems;
}

}  // namespace mail_relay
