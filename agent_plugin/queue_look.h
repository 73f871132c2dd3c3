#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/queue_memory.h"
#include "agent_plugin/queue_pace.h"
#include "agent_plugin/queue_seen.h"
#include "agent_plugin/queue_settings.h"
#include "agent_plugin/queue_tally.h"

namespace mail_relay {

/// What all threads of one look share.
struct QueueLook {
    int queue_directory_fd;
    const QueueSettings &settings;
    QueueClock clock;
    const QueueMemory &memory;
    QueuePace &pace;        ///< who is examined, and who only counted
    EvenShare &defer_logs;  ///< whose defer log is read
    SeenMessages &seen;
    std::atomic<std::size_t> &may_learn;  ///< messages that may still be read and remembered
};

/// How often something was not as it should be, and one example.
struct Oddity {
    std::uint64_t times = 0;
    std::string example;

    void add(std::string_view what) {
        if (times++ == 0) {
            example = what;
        }
    }
    void merge(const Oddity &other) {
        if (times == 0) {
            example = other.example;
        }
        times += other.times;
    }
};

}  // namespace mail_relay
