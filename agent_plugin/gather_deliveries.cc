#include "agent_plugin/gather_deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "agent_plugin/delivery_state.h"
#include "agent_plugin/delivery_tally.h"
#include "agent_plugin/file_owner.h"
#include "agent_plugin/journal_reader.h"
#include "agent_plugin/log_reader.h"
#include "agent_plugin/master_state.h"
#include "common/atomic_file.h"

namespace mail_relay {

namespace {

constexpr std::size_t kLargestState = 8U << 20U;

JournalAccess journal_access(const FileTree &files, const Configuration &configuration) {
    JournalAccess access;
    if (!files.exists(access.program)) {
        access.program = "/bin/journalctl";
    }
    access.facility = syslog_facility(configuration.get("syslog_facility")).value_or(2);
    access.trusted_uids = {0};
    if (const auto passwd = files.read("/etc/passwd", 4U << 20U)) {
        const std::string_view owner = configuration.get("mail_owner");
        if (const auto uid = find_user_id(*passwd, owner.empty() ? "postfix" : owner)) {
            access.trusted_uids.push_back(*uid);
        }
    }
    return access;
}

/// The file of an instance's state; its name tells trees and instances apart.
std::string state_path(const FileTree &files, const Instance &instance,
                       const std::string &directory) {
    return fmt::format("{}/deliveries-{:016x}.json", directory,
                       stable_hash(files.root() + '\0' + instance.config_directory));
}

/// What the last run left; a state that cannot be used is set aside and begun anew.
DeliveryState load_state(const std::string &path, Problems &problems) {
    const FileTree host;
    if (!host.exists(path)) {
        return {};
    }
    const auto text = host.read(path, kLargestState, FollowLinks::kNo);
    auto state = text ? parse_delivery_state(*text) : text.error();
    if (state) {
        return *std::move(state);
    }
    std::rename(path.c_str(), (path + ".damaged").c_str());
    problems.push_back({"state", fmt::format("cannot use {}: {}; set aside, counters begin anew",
                                             path, state.error().message())});
    return {};
}

void save_state(const std::string &directory, const std::string &path, const DeliveryState &state,
                Problems &problems) {
    auto saved = make_private_directory(directory);
    if (saved) {
        saved = write_file_atomically(path, serialize_delivery_state(state));
    }
    if (!saved) {
        problems.push_back({"state", saved.error().message()});
    }
}

LogReading read_source(const FileTree &files, const Configuration &configuration,
                       const LogSource &source, LogProgress &progress, const LogLimits &limits,
                       std::int64_t now, const LineSink &sink) {
    if (source.kind == LogSource::Kind::kFile) {
        return read_log(files, source.path, progress, limits, now, sink);
    }
    if (!files.is_this_host()) {
        LogReading reading;
        reading.complete = false;
        reading.problems.push_back({"log", "the journal of a mounted tree is not read"});
        return reading;
    }
    return read_journal(journal_access(files, configuration), progress, limits, sink);
}

/// What the settings name, else what is found. A file that was read until lately stays the source
/// while it is away: rotation has renamed it and nobody has written since.
LogSource choose_source(const FileTree &files, const Configuration &configuration,
                        const Settings &settings, const DeliveryState &state, std::int64_t now) {
    constexpr std::int64_t kDay_s = 86400;
    if (settings.log == "none") {
        return {};
    }
    if (settings.log == "journal") {
        return {LogSource::Kind::kJournal, ""};
    }
    if (settings.log != "auto") {
        return {LogSource::Kind::kFile, settings.log};
    }
    if (state.progress.file && now - state.progress.file->modified < kDay_s &&
        configuration.get("maillog_file").empty() && !files.exists(state.source)) {
        return {LogSource::Kind::kFile, state.source};
    }
    const MasterState master =
        read_master_state(files, std::string(configuration.get("queue_directory")),
                          std::string(configuration.get("data_directory")));
    return find_log_source(files, configuration, master.started);
}

std::string found_by(const Configuration &configuration, const Settings &settings) {
    if (settings.log != "auto") {
        return "configuration";
    }
    return configuration.get("maillog_file").empty() ? "search" : "maillog_file";
}

}  // namespace

DeliveryFacts gather_deliveries(const FileTree &files, const Configuration &configuration,
                                const Instance &instance, const Settings &settings,
                                const std::vector<SiteUser> &sites,
                                const std::string &state_directory, Deadline deadline,
                                std::int64_t now) {
    DeliveryFacts facts;
    const LogScope scope = log_scope(configuration, instance, sites);
    facts.syslog_names = scope.syslog_names;
    const std::string path = state_path(files, instance, state_directory);
    DeliveryState state;
    if (!state_directory.empty()) {
        state = load_state(path, facts.problems);
    }
    facts.source = choose_source(files, configuration, settings, state, now);
    facts.found_by = found_by(configuration, settings);
    if (facts.source.kind != LogSource::Kind::kNone) {
        const bool is_file = facts.source.kind == LogSource::Kind::kFile;
        if (const std::string name = is_file ? facts.source.path : "journal";
            state.source != name) {
            state.source = name;
            state.progress = {};
        }
        const LogProgress before = state.progress;
        // The rest of the run, other instances included, needs time, too.
        const auto reading_time = std::min(settings.log_time, deadline.left() / 2);
        DeliveryTally tally(state.record, scope, now);
        LogReading reading =
            read_source(files, configuration, facts.source, state.progress,
                        {.first_bytes = std::uint64_t{settings.log_first_megabytes} << 20U,
                         .deadline = deadline.within(reading_time)},
                        now, [&tally](std::string_view lines) { tally.take(lines); });
        state.record.gaps += reading.gaps;
        const bool is_first = state.record.counters_since == 0 &&
                              (reading.problems.empty() || state.progress != before);
        if (is_first) {
            state.record.counters_since = now;
        }
        facts.complete = reading.complete;
        facts.behind_bytes = reading.behind_bytes;
        facts.skipped_bytes = reading.skipped_bytes;
        facts.lines = tally.lines();
        facts.problems.insert(facts.problems.end(), reading.problems.begin(),
                              reading.problems.end());
        if (tally.unknown_lines() * 2 > tally.lines()) {
            facts.problems.push_back(
                {"log", fmt::format("{}: {} of {} lines have a form that is not known",
                                    state.source, tally.unknown_lines(), tally.lines())});
        }
        if (!state_directory.empty() &&
            (is_first || tally.lines() > 0 || state.progress != before)) {
            save_state(state_directory, path, state, facts.problems);
        }
    }
    facts.record = std::move(state.record);
    return facts;
}

}  // namespace mail_relay
