#include "special_agent/loop_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "common/atomic_file.h"
#include "common/file_tree.h"
#include "special_agent/state_directory.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kLargestState = 4U << 20U;
constexpr std::size_t kMostPositions = 100;
constexpr std::chrono::milliseconds kLockPause{20};

json::array write_probes(const std::vector<Probe> &probes) {
    json::array list;
    for (const Probe &probe : probes) {
        list.push_back({probe.sequence, probe.sent_ms});
    }
    return list;
}

json::array write_completions(const std::vector<Completion> &completions) {
    json::array list;
    for (const Completion &completion : completions) {
        const Arrival &arrival = completion.arrival;
        list.push_back(json::object{{"number", completion.number},
                                    {"sequence", arrival.probe.sequence},
                                    {"sent_ms", arrival.probe.sent_ms},
                                    {"arrived_ms", arrival.arrived_ms},
                                    {"observed", arrival.measured == Measured::kObserved},
                                    {"folder", arrival.folder},
                                    {"internal_date", arrival.internal_date},
                                    {"uid_validity", arrival.uid_validity},
                                    {"uid", arrival.uid},
                                    {"late", completion.late}});
    }
    return list;
}

json::object write_ledger(const ProbeLedger &ledger) {
    return {{"since", ledger.since},
            {"last_sequence", ledger.last_sequence},
            {"last_completion", ledger.last_completion},
            {"newest_completed", ledger.newest_completed},
            {"sent", ledger.sent},
            {"completed", ledger.completed},
            {"lost", ledger.lost},
            {"late", ledger.late},
            {"duplicates", ledger.duplicates},
            {"last_sent_ms",
             ledger.last_sent_ms ? json::value(*ledger.last_sent_ms) : json::value(nullptr)},
            {"outstanding", write_probes(ledger.outstanding)},
            {"missing", write_probes(ledger.missing)},
            {"completions", write_completions(ledger.completions)}};
}

// The readers throw (Boost.JSON's at(), as_...() and to_number()): parse_state() catches.

std::vector<Probe> read_probes(const json::value &list, std::size_t most) {
    std::vector<Probe> probes;
    for (const json::value &entry : list.as_array()) {
        if (probes.size() == most) {
            throw std::length_error("too many probes");
        }
        probes.push_back(
            {entry.at(0).to_number<std::uint64_t>(), entry.at(1).to_number<std::int64_t>()});
    }
    return probes;
}

std::vector<Completion> read_completions(const json::value &list) {
    std::vector<Completion> completions;
    for (const json::value &entry : list.as_array()) {
        if (completions.size() == ProbeLedger::kMostCompletions) {
            throw std::length_error("too many completions");
        }
        Completion completion;
        completion.number = entry.at("number").to_number<std::uint64_t>();
        completion.late = entry.at("late").as_bool();
        completion.arrival = {
            {entry.at("sequence").to_number<std::uint64_t>(),
             entry.at("sent_ms").to_number<std::int64_t>()},
            entry.at("arrived_ms").to_number<std::int64_t>(),
            entry.at("observed").as_bool() ? Measured::kObserved : Measured::kInternalDate,
            std::string(entry.at("folder").as_string()),
            entry.at("internal_date").to_number<std::int64_t>(),
            entry.at("uid_validity").to_number<std::uint32_t>(),
            entry.at("uid").to_number<std::uint32_t>()};
        completions.push_back(std::move(completion));
    }
    return completions;
}

ProbeLedger read_ledger(const json::value &object) {
    ProbeLedger ledger;
    ledger.since = object.at("since").to_number<std::int64_t>();
    ledger.last_sequence = object.at("last_sequence").to_number<std::uint64_t>();
    ledger.last_completion = object.at("last_completion").to_number<std::uint64_t>();
    ledger.newest_completed = object.at("newest_completed").to_number<std::uint64_t>();
    ledger.sent = object.at("sent").to_number<std::uint64_t>();
    ledger.completed = object.at("completed").to_number<std::uint64_t>();
    ledger.lost = object.at("lost").to_number<std::uint64_t>();
    ledger.late = object.at("late").to_number<std::uint64_t>();
    ledger.duplicates = object.at("duplicates").to_number<std::uint64_t>();
    if (const json::value &last_sent = object.at("last_sent_ms"); !last_sent.is_null()) {
        ledger.last_sent_ms = last_sent.to_number<std::int64_t>();
    }
    ledger.outstanding = read_probes(object.at("outstanding"), ProbeLedger::kMostOutstanding);
    ledger.missing = read_probes(object.at("missing"), ProbeLedger::kMostMissing);
    ledger.completions = read_completions(object.at("completions"));
    return ledger;
}

std::vector<FolderPosition> read_positions(const json::value &list) {
    std::vector<FolderPosition> positions;
    for (const json::value &entry : list.as_array()) {
        if (positions.size() == kMostPositions) {
            throw std::length_error("too many folders");
        }
        positions.push_back({std::string(entry.at("folder").as_string()),
                             entry.at("uid_validity").to_number<std::uint32_t>(),
                             entry.at("last_uid").to_number<std::uint32_t>()});
    }
    return positions;
}

std::string path_of(const std::string &directory, std::string_view loop) {
    return fmt::format("{}/{}.json", directory, quote_file_name(loop));
}

}  // namespace

std::string serialize_state(const LoopState &state) {
    json::array positions;
    for (const FolderPosition &position : state.positions) {
        positions.push_back(json::object{{"folder", position.folder},
                                         {"uid_validity", position.uid_validity},
                                         {"last_uid", position.last_uid}});
    }
    return json::serialize(
        json::object{{"format", kFormat},
                     {"ledger", write_ledger(state.ledger)},
                     {"positions", std::move(positions)},
                     {"clock_offset_s", state.clock_offset_s ? json::value(*state.clock_offset_s)
                                                             : json::value(nullptr)},
                     {"submission", state.submission},
                     {"deliverability", state.deliverability}});
}

Result<LoopState> parse_state(std::string_view text) {
    try {
        const json::value value = json::parse(text);
        if (const auto format = value.at("format").to_number<std::int64_t>(); format != kFormat) {
            return failed("its format is {} instead of {}", format, kFormat);
        }
        LoopState state;
        state.ledger = read_ledger(value.at("ledger"));
        state.positions = read_positions(value.at("positions"));
        if (const json::value &offset = value.at("clock_offset_s"); !offset.is_null()) {
            state.clock_offset_s = offset.to_number<double>();
        }
        state.submission = value.at("submission").as_string();
        state.deliverability = value.at("deliverability").as_string();
        return state;
    } catch (const std::exception &error) {
        return failed("it is incomplete or no JSON ({})", error.what());
    }
}

Result<StateFile> StateFile::lock(const std::string &directory, std::string_view loop,
                                  Deadline deadline) {
    const std::string path = path_of(directory, loop);
    const std::string lock_path = path + ".lock";
    UniqueFd lock(
        ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!lock) {
        return failed("cannot open {}: {}", lock_path, std::strerror(errno));
    }
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return failed("cannot lock {}: {}", lock_path, std::strerror(errno));
        }
        if (deadline.expired()) {
            return failed("cannot lock {}: another run still holds it", lock_path);
        }
        std::this_thread::sleep_for(kLockPause);
    }
    return StateFile(path, std::move(lock));
}

LoopState StateFile::load(std::string &problem) const {
    if (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) {
        return {};
    }
    const auto content = FileTree().read(path_, kLargestState, FollowLinks::kNo);
    const auto state = content ? parse_state(*content) : Result<LoopState>(content.error());
    if (state) {
        return *state;
    }
    const std::string aside = path_ + ".damaged";
    const bool is_aside = ::rename(path_.c_str(), aside.c_str()) == 0;
    problem = fmt::format("cannot use the state {}: {}; {}, starting anew", path_,
                          state.error().message(),
                          is_aside ? "set aside as " + aside : "it could not be set aside");
    return {};
}

LoopState StateFile::peek(const std::string &directory, std::string_view loop) {
    const auto content = FileTree().read(path_of(directory, loop), kLargestState, FollowLinks::kNo);
    const auto state = content ? parse_state(*content) : Result<LoopState>(content.error());
    return state ? *state : LoopState();
}

Result<void> StateFile::save(const LoopState &state) const {
    return write_file_atomically(path_, serialize_state(state));
}

}  // namespace mail_relay::roundtrip
