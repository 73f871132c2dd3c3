#include "agent_plugin/gather_instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent_plugin/service_port.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr std::string_view kDefaultDirectory = "/etc/postfix";
constexpr std::string_view kDefaultName = "postfix";
constexpr std::size_t kInstanceLimit = 50;

/// False where Postfix was never installed, and where only its configuration was left behind.
bool has_postfix(const FileTree &files) {
    const auto main_cf = files.find(fmt::format("{}/main.cf", kDefaultDirectory));
    if (main_cf && !*main_cf) {
        return false;
    }
    // postconf, or where Debian, Red Hat and SUSE have the master program.
    const auto programs = {"/usr/sbin/postconf", "/usr/lib/postfix/sbin/master",
                           "/usr/libexec/postfix/master", "/usr/lib/postfix/bin/master"};
    return std::any_of(programs.begin(), programs.end(),
                       [&](const char *program) { return files.exists(program); });
}

std::string without_last_slashes(std::string_view directory) {
    while (directory.size() > 1 && directory.ends_with('/')) {
        directory.remove_suffix(1);
    }
    return std::string(directory);
}

std::string base_name(std::string_view directory) {
    const std::string name = without_last_slashes(directory);
    return name.substr(name.rfind('/') + 1);
}

/// Source: postmulti(1): the default instance is always enabled, unless postmulti manages it.
bool is_enabled(const Configuration &configuration, bool is_default) {
    return (is_default && configuration.get("multi_instance_wrapper").empty()) ||
           configuration.is_yes("multi_instance_enable");
}

/// Its own name, or that of its directory; the whole directory if another one has that name.
std::string unique_name(const std::vector<InstanceReading> &others, const std::string &directory,
                        std::string_view own_name) {
    std::string name = own_name.empty() ? base_name(directory) : std::string(own_name);
    const bool is_taken =
        std::any_of(others.begin(), others.end(),
                    [&](const InstanceReading &reading) { return reading.instance.name == name; });
    return is_taken ? directory : name;
}

/// A directory that is named twice is one instance; so is one that is the default's, too.
bool is_read(const std::vector<InstanceReading> &readings, const std::string &directory) {
    return std::any_of(readings.begin(), readings.end(), [&](const InstanceReading &reading) {
        return reading.instance.config_directory == directory;
    });
}

class Gathering {
  public:
    Gathering(const ConfigurationAccess &access, Deadline deadline, std::int64_t now)
        : access_(access), deadline_(deadline), now_(now) {}

    InstanceReading read(const std::string &directory,
                         const std::vector<InstanceReading> &others) const {
        InstanceReading reading;
        reading.settings = gather_configuration(access_, directory, deadline_, now_);
        resolve_service_names(access_.files, reading.settings.configuration,
                              reading.settings.problems);
        const Configuration &configuration = reading.settings.configuration;
        Instance &instance = reading.instance;
        instance.config_directory = directory;
        instance.is_default = directory == kDefaultDirectory;
        instance.enabled = is_enabled(configuration, instance.is_default);
        instance.name = instance.is_default ? std::string(kDefaultName)
                                            : unique_name(others, directory,
                                                          configuration.get("multi_instance_name"));
        return reading;
    }

    bool has_main_cf(const std::string &directory) const {
        return access_.files.exists(directory + "/main.cf");
    }

  private:
    const ConfigurationAccess &access_;
    Deadline deadline_;
    std::int64_t now_;
};

void add_enabled_instances(const Gathering &gathering, std::vector<InstanceReading> &readings) {
    const std::string listed(
        readings.front().settings.configuration.get("multi_instance_directories"));
    for (const auto &word : split_list(listed)) {
        const std::string directory = without_last_slashes(word);
        if (is_read(readings, directory)) {
            continue;
        }
        std::string error;
        if (readings.size() == kInstanceLimit) {
            error = fmt::format("more than {} instances; the rest is left out", kInstanceLimit);
        } else if (!directory.starts_with('/')) {
            error =
                fmt::format("multi_instance_directories: {} is not an absolute path", directory);
        } else if (!gathering.has_main_cf(directory)) {
            error = fmt::format("multi_instance_directories: {} has no main.cf", directory);
        }
        if (!error.empty()) {
            readings.front().problems.push_back({"multi_instance", error});
            continue;
        }
        auto reading = gathering.read(directory, readings);
        if (reading.instance.enabled) {
            readings.push_back(std::move(reading));
        }
    }
}

}  // namespace

std::vector<InstanceReading> gather_instances(const ConfigurationAccess &access,
                                              const std::vector<std::string> &directories,
                                              Deadline deadline, std::int64_t now) {
    const Gathering gathering(access, deadline, now);
    std::vector<InstanceReading> readings;
    for (const auto &directory : directories) {
        if (is_read(readings, directory)) {
            continue;
        }
        readings.push_back(gathering.read(directory, readings));
        readings.back().instance.enabled = true;
    }
    if (directories.empty() && has_postfix(access.files)) {
        readings.push_back(gathering.read(std::string(kDefaultDirectory), readings));
        add_enabled_instances(gathering, readings);
    }
    return readings;
}

}  // namespace mail_relay
