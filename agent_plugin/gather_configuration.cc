#include "agent_plugin/gather_configuration.h"

#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/configuration_source.h"
#include "agent_plugin/known_parameters.h"
#include "agent_plugin/main_cf.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMainCfLimit = 1 << 20U;

/// Nobody else may be able to change what we run, perhaps as root.
Result<void> check_program(const std::string &program) {
    const auto status = FileTree().status(program);
    if (!status) {
        return status.error();
    }
    if (status->st_uid != 0 && status->st_uid != ::geteuid()) {
        return failed("{} is not run: it belongs to user {}", program, status->st_uid);
    }
    if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return failed("{} is not run: others can write to it", program);
    }
    return {};
}

/// In a mounted tree postconf, which knows nothing of the tree, must come to the same file as we.
Result<void> check_same_file(const FileTree &files, const std::string &path) {
    const auto inside = files.status(path, FollowLinks::kNo);
    const auto outside = FileTree().status(files.outside(path));
    if (!inside || !outside) {
        return inside ? outside.error() : inside.error();
    }
    if (inside->st_dev != outside->st_dev || inside->st_ino != outside->st_ino) {
        return failed("{} is not read by postconf: a symbolic link leads out of the tree", path);
    }
    return {};
}

PostconfAnswer ask(const ConfigurationAccess &access, const std::string &config_directory,
                   Deadline deadline) {
    auto allowed = check_program(access.postconf_program);
    if (!access.files.is_this_host()) {
        for (const auto *name : {"", "/main.cf", "/master.cf"}) {
            if (allowed) {
                allowed = check_same_file(access.files, config_directory + name);
            }
        }
    }
    if (!allowed) {
        PostconfAnswer answer;
        answer.problems.push_back({"parameters", allowed.error().message()});
        return answer;
    }
    return ask_postconf(access.postconf_program, access.files.outside(config_directory), deadline);
}

void replace_all(std::string &text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
}

/// Takes out what does not hold for a tree that another Postfix belongs to.
void adapt_to_tree(const FileTree &files, const std::string &config_directory,
                   ConfigurationReading &reading) {
    Configuration &configuration = reading.configuration;
    const auto version = configuration.parameters.extract("mail_version");
    reading.problems.push_back(
        {"parameters",
         fmt::format("defaults and SASL types are those of this host's Postfix {}, not of the "
                     "examined tree's, whose version and map types are not known",
                     version ? version.mapped() : "")});
    configuration.map_types.clear();
    // $config_directory is where postconf found it, not where it is on that host.
    const std::string outside = files.outside(config_directory);
    for (auto &[name, value] : configuration.parameters) {
        replace_all(value, outside, config_directory);
    }
    for (auto &service : configuration.services) {
        for (auto &[name, value] : service.overrides) {
            replace_all(value, outside, config_directory);
        }
    }
}

/// main.cf as it is written, with the directories that every distribution uses.
Configuration read_written(const ConfigurationAccess &access, const std::string &config_directory,
                           Problems &problems) {
    Configuration configuration;
    const auto content = access.files.read(config_directory + "/main.cf", kMainCfLimit);
    auto &parameters = configuration.parameters;
    parameters.insert_or_assign("config_directory", config_directory);
    if (!content) {
        problems.push_back({"parameters", content.error().message()});
        // Its directories are anybody's guess: the usual ones may well be another instance's.
        for (const auto *name : {"queue_directory", "data_directory"}) {
            parameters.insert_or_assign(name, "");
        }
        return configuration;
    }
    for (auto &[name, value] : parse_main_cf(*content)) {
        configuration.set_in_main_cf.push_back(name);
        if (is_known_parameter(name)) {
            parameters.emplace(name, value);
        }
    }
    constexpr auto kDefaults = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{"queue_directory", "/var/spool/postfix"}, {"data_directory", "/var/lib/postfix"}});
    for (const auto &[name, directory] : kDefaults) {
        const auto found = parameters.find(name);
        if (found == parameters.end() || !found->second.starts_with('/')) {
            parameters.insert_or_assign(std::string(name), std::string(directory));
        }
    }
    return configuration;
}

void take(CachedConfiguration cached, ConfigurationReading &reading) {
    reading.configuration = std::move(cached.configuration);
    reading.read_at = cached.read_at;
    reading.is_resolved = true;
}

void take_what_is_left(const ConfigurationAccess &access, const std::string &config_directory,
                       std::optional<CachedConfiguration> cached, ConfigurationReading &reading) {
    if (!cached) {
        reading.configuration = read_written(access, config_directory, reading.problems);
        return;
    }
    reading.problems.push_back({"parameters", fmt::format("these are the settings of {:%Y-%m-%d "
                                                          "%H:%M} UTC, when postconf answered last",
                                                          fmt::gmtime(cached->read_at))});
    take(*std::move(cached), reading);
}

/// Keeps a complete answer, unless the files may have changed while postconf read them.
void keep(const ConfigurationAccess &access, const std::string &config_directory,
          const std::vector<WatchedFile> &before, ConfigurationReading &reading) {
    CachedConfiguration cached{
        config_directory, host_name(), reading.read_at, {}, reading.configuration};
    cached.files =
        watched_files(access, config_directory, reading.configuration.get("meta_directory"));
    const bool is_same =
        std::mismatch(before.begin(), before.end(), cached.files.begin(), cached.files.end())
            .first == before.end();
    if (!is_same || changed_just_now(cached.files, reading.read_at) ||
        !may_be_cached(reading.configuration)) {
        return;
    }
    if (const auto kept = keep_configuration(access, cached); !kept) {
        reading.problems.push_back({"configuration_cache", kept.error().message()});
    }
}

}  // namespace

Problems told_elsewhere(const ConfigurationReading &settings) {
    if (settings.is_resolved) {
        return {};
    }
    return {
        {"parameters", "Postfix's settings are not known, see the service of its configuration"}};
}

ConfigurationReading gather_configuration(const ConfigurationAccess &access,
                                          const std::string &config_directory, Deadline deadline,
                                          std::int64_t now) {
    ConfigurationReading reading;
    const bool keeps = !access.state_directory.empty() && access.files.is_this_host();
    std::optional<CachedConfiguration> cached;
    if (keeps) {
        cached = read_kept_configuration(access, config_directory, reading.problems);
    }
    if (cached && still_holds(*cached, access)) {
        take(*std::move(cached), reading);
        return reading;
    }
    const auto before = watched_files(access, config_directory, "");
    auto answer = ask(access, config_directory, deadline);
    reading.rejection = std::move(answer.rejection);
    reading.problems.insert(reading.problems.end(), answer.problems.begin(), answer.problems.end());
    // Without services nothing is known of the smtp client that delivers.
    const bool lacks_services = answer.configuration.services.empty();
    if (answer.is_resolved && !lacks_services && !access.files.is_this_host()) {
        reading.rejection.clear();  // values name files and hosts, which postconf looks for here
    }
    const bool is_half = !reading.rejection.empty() && lacks_services && cached;
    if (!answer.is_resolved || is_half) {
        take_what_is_left(access, config_directory, std::move(cached), reading);
        return reading;
    }
    reading.configuration = std::move(answer.configuration);
    reading.is_resolved = true;
    reading.read_at = now;
    if (!access.files.is_this_host()) {
        adapt_to_tree(access.files, config_directory, reading);
    } else if (keeps && answer.problems.empty()) {
        keep(access, config_directory, before, reading);
    }
    return reading;
}

}  // namespace mail_relay
