#include "agent_plugin/daemon_watch.h"

#include <algorithm>

namespace mail_relay {

namespace {

constexpr std::size_t kMostDaemons = 16;
constexpr std::size_t kLongestText = 500;
constexpr std::size_t kLongestName = 128;
constexpr std::int64_t kThrottle_s = 60;  // master's service_throttle_time

std::string kept(std::string_view text, std::size_t longest) {
    return std::string(text.substr(0, longest));
}

}  // namespace

void DaemonWatch::died(std::string_view program, std::string_view words) {
    const auto known =
        std::find_if(last_words_.begin(), last_words_.end(),
                     [program](const auto &entry) { return entry.first == program; });
    if (known != last_words_.end()) {
        known->second = kept(words, kLongestText);
    } else if (last_words_.size() < kMostDaemons) {
        last_words_.emplace_back(kept(program, kLongestName), kept(words, kLongestText));
    }
}

void DaemonWatch::throttled(std::string_view text, std::int64_t time) {
    const std::string_view path = text.substr(0, text.find(':'));
    const std::string name = kept(path.substr(path.rfind('/') + 1), kLongestName);
    auto daemon =
        std::find_if(throttled_.begin(), throttled_.end(),
                     [&name](const ThrottledDaemon &known) { return known.name == name; });
    if (daemon == throttled_.end()) {
        if (throttled_.size() >= kMostDaemons) {
            return;
        }
        daemon = throttled_.insert(daemon, ThrottledDaemon{name, 0, "", false});
    }
    const auto words = std::find_if(last_words_.begin(), last_words_.end(),
                                    [&name](const auto &entry) { return entry.first == name; });
    if (words != last_words_.end()) {
        daemon->fatal = words->second;
    }
    daemon->last = time;
    daemon->recovered = false;
}

bool DaemonWatch::watches() const {
    return std::any_of(throttled_.begin(), throttled_.end(),
                       [](const ThrottledDaemon &daemon) { return !daemon.recovered; });
}

void DaemonWatch::spoke(std::string_view program, std::string_view text, std::int64_t time) {
    const bool all_start = program == "master" && text.starts_with("daemon started");
    for (ThrottledDaemon &daemon : throttled_) {
        // Another service of the same program may work all the time: only one that works when
        // master would have throttled again shows that the cause is gone.
        if (all_start || (program == daemon.name && time > daemon.last + kThrottle_s)) {
            daemon.recovered = true;
        }
    }
}

}  // namespace mail_relay
