#include "agent_plugin/journal_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent_plugin/journal_entry.h"
#include "common/child_process.h"

namespace mail_relay {

namespace {

constexpr int kFirstEntries = 20000;
constexpr std::uint64_t kMostEntries = 200000;
constexpr std::size_t kLongestEntry = 256U << 10U;

class JournalReader {
  public:
    JournalReader(const JournalAccess &access, LogProgress &progress, const LogLimits &limits,
                  const LineSink &sink)
        : access_(access), progress_(progress), limits_(limits), sink_(sink) {}

    LogReading run() && {
        const bool is_first = progress_.cursor.empty();
        auto end = ask(is_first ? fmt::format("--lines={}", kFirstEntries)
                                : fmt::format("--after-cursor={}", progress_.cursor));
        if (!end && !is_first && entries_ == 0) {
            // The entry of the cursor may have been vacuumed away.
            end = ask(fmt::format("--since=@{}", progress_.cursor_time_us / 1'000'000));
        }
        if (!end) {
            reading_.problems.push_back({"log", end.error().message()});
            reading_.complete = false;
        } else if (*end != StreamEnd::kComplete) {
            reading_.complete = false;
            if (entries_ == 0) {
                reading_.problems.push_back(
                    {"log", fmt::format("{}: no answer within its time", access_.program)});
            }
        }
        return std::move(reading_);
    }

  private:
    Result<StreamEnd> ask(const std::string &from) {
        pending_.clear();
        oldest_us_ = progress_.cursor_time_us;
        skip_old_ = from.starts_with("--since");
        return stream_child({access_.program, "--quiet", "--no-pager", "--output=json",
                             "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_UID", from,
                             fmt::format("SYSLOG_FACILITY={}", access_.facility)},
                            limits_.deadline,
                            [this](std::string_view piece) { return take(piece); });
    }

    bool take(std::string_view piece) {
        while (!piece.empty()) {
            const std::size_t end = piece.find('\n');
            pending_ += piece.substr(0, end);
            if (end == std::string_view::npos) {
                break;
            }
            piece.remove_prefix(end + 1);
            take_entry();
            pending_.clear();
        }
        if (pending_.size() > kLongestEntry) {
            pending_.resize(kLongestEntry);
        }
        return entries_ < kMostEntries;
    }

    void take_entry() {
        ++entries_;
        const auto entry =
            pending_.size() < kLongestEntry ? parse_journal_entry(pending_) : std::nullopt;
        if (!entry || (skip_old_ && entry->time_us <= oldest_us_)) {
            return;
        }
        progress_.cursor = entry->cursor;
        progress_.cursor_time_us = entry->time_us;
        const bool is_trusted =
            !entry->uid || std::find(access_.trusted_uids.begin(), access_.trusted_uids.end(),
                                     *entry->uid) != access_.trusted_uids.end();
        if (is_trusted) {
            sink_(log_line_of(*entry));
        }
    }

    const JournalAccess &access_;
    LogProgress &progress_;
    const LogLimits &limits_;
    const LineSink &sink_;
    LogReading reading_;
    std::string pending_;
    std::uint64_t entries_ = 0;
    std::int64_t oldest_us_ = 0;
    bool skip_old_ = false;
};

}  // namespace

LogReading read_journal(const JournalAccess &access, LogProgress &progress, const LogLimits &limits,
                        const LineSink &sink) {
    return JournalReader(access, progress, limits, sink).run();
}

std::optional<int> syslog_facility(std::string_view name) {
    constexpr std::array<std::string_view, 12> kNames{"kern", "user",   "mail",     "daemon",
                                                      "auth", "syslog", "lpr",      "news",
                                                      "uucp", "cron",   "authpriv", "ftp"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found != kNames.end()) {
        return static_cast<int>(found - kNames.begin());
    }
    if (name.size() == 6 && name.starts_with("local") && name[5] >= '0' && name[5] <= '7') {
        return 16 + (name[5] - '0');
    }
    return std::nullopt;
}

}  // namespace mail_relay
