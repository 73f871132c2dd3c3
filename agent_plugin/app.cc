#include "agent_plugin/app.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "agent_plugin/checkmk_sites.h"
#include "agent_plugin/gather_instances.h"
#include "agent_plugin/look.h"
#include "agent_plugin/notification_look.h"
#include "agent_plugin/options.h"
#include "agent_plugin/render_common.h"
#include "agent_plugin/report.h"

namespace mail_relay {

namespace {

constexpr int kUsageError = 2;
// Of this host, whatever tree is examined: no program of a mounted tree is started.
constexpr std::string_view kPostconf = "/usr/sbin/postconf";
constexpr std::size_t kLargestSettings = 1U << 20U;

std::string or_else(std::string value, const char *otherwise) {
    return value.empty() ? otherwise : value;
}

std::int64_t unix_time() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// All that a run is about. Shared with the working thread, which may outlive run().
struct Run {
    explicit Run(Options chosen, std::int64_t time)
        : options(std::move(chosen)), files(options.root), now(time) {}

    Options options;
    FileTree files;
    Settings settings;
    Problems settings_problems;
    std::string state_directory;
    std::int64_t now;
    Report report;
};

/// A missing file is normal unless it was asked for.
void read_settings(Run &run, const Environment &environment) {
    const std::string path =
        run.options.config_file.empty()
            ? or_else(environment("MK_CONFDIR"), "/etc/check_mk") + "/mail_relay.cfg"
            : run.options.config_file;
    const FileTree host;
    if (run.options.config_file.empty() && !host.exists(path)) {
        return;
    }
    const auto content = host.read(path, kLargestSettings);
    if (!content) {
        run.settings_problems.push_back({"settings", content.error().message()});
        return;
    }
    run.settings = parse_settings(*content, run.settings_problems);
}

bool is_wanted(const Run &run, std::string_view section) {
    return run.options.section.empty() || run.options.section == section;
}

bool is_taken(const Run &run, const Look &look) {
    // What the other looks find explains why notifications wait.
    return is_wanted(run, look.section) || is_wanted(run, NotificationLook::kSection);
}

boost::json::object broken_look(const Subject &subject, const Look &look, const char *why) {
    boost::json::object object = render_head(subject.reading.instance.name, subject.now);
    object["findings"] = boost::json::array();
    object["problems"] = render_problems(
        {{std::string(look.section), fmt::format("the look ended early: {}", why)}});
    return object;
}

void look_at_instance(Run &run, const Subject &subject, NotificationLook &notifications) {
    const std::string &name = subject.reading.instance.name;
    for (const Look &look : all_looks()) {
        if (!is_taken(run, look)) {
            continue;
        }
        boost::json::object object;
        try {
            object = look.take(subject);
        } catch (const std::exception &error) {
            object = broken_look(subject, look, error.what());
        }
        run.report.add(look.section, name, std::move(object));
    }
    if (is_wanted(run, NotificationLook::kSection)) {
        notifications.add(subject);
    }
}

void expect_all(Run &run, const std::vector<InstanceReading> &instances,
                const std::vector<SiteUser> &sites) {
    for (const InstanceReading &found : instances) {
        for (const Look &look : all_looks()) {
            if (is_wanted(run, look.section)) {
                run.report.expect(look.section, found.instance.name);
            }
        }
    }
    for (const SiteUser &site : sites) {
        if (is_wanted(run, NotificationLook::kSection)) {
            run.report.expect(NotificationLook::kSection, site.name, "site");
        }
    }
}

void look_at_all(Run &run, Deadline deadline) {
    const ConfigurationAccess access{run.files, std::string(kPostconf), run.state_directory};
    const std::vector<InstanceReading> instances =
        gather_instances(access, run.options.instances, deadline, run.now);
    if (!instances.empty()) {
        const std::vector<SiteUser> sites = gather_checkmk_sites(run.files);
        expect_all(run, instances, sites);
        const Distribution distribution = read_distribution(run.files);
        NotificationLook notifications(sites);
        for (const InstanceReading &found : instances) {
            SharedFacts shared;
            const Subject subject{
                run.files,           found,   distribution, run.settings, run.settings_problems,
                run.state_directory, run.now, deadline,     sites,        shared};
            look_at_instance(run, subject, notifications);
        }
        const auto objects = notifications.render(run.now);
        for (std::size_t i = 0; i < objects.size(); ++i) {
            run.report.add(NotificationLook::kSection, sites[i].name, objects[i]);
        }
    }
    run.report.close();
}

bool is_section(const std::string &name) {
    const auto looks = all_looks();
    return name == NotificationLook::kSection ||
           std::any_of(looks.begin(), looks.end(),
                       [&](const Look &look) { return look.section == name; });
}

}  // namespace

int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err) {
    const auto options = parse_options(arguments);
    if (!options) {
        err << "mk_mail_relay: " << options.error().message() << "\n";
        return kUsageError;
    }
    if (options->help) {
        out << help_text();
        return 0;
    }
    if (options->version) {
        out << "mk_mail_relay " << MAIL_RELAY_VERSION << "\n";
        return 0;
    }
    if (!options->section.empty() && !is_section(options->section)) {
        err << "mk_mail_relay: there is no section \"" << options->section << "\"\n";
        return kUsageError;
    }
    const auto run = std::make_shared<Run>(*options, unix_time());
    read_settings(*run, environment);
    if (run->files.is_this_host()) {
        // What is known of this host says nothing about a tree mounted on it.
        run->state_directory =
            or_else(environment("MK_VARDIR"), "/var/lib/check_mk_agent") + "/mail_relay";
    }
    const Deadline deadline = Deadline::in(run->settings.deadline);
    std::thread worker([run, deadline] { look_at_all(*run, deadline); });
    worker.detach();
    out << run->report.wait_and_render(deadline, run->now);
    out.flush();
    return 0;
}

}  // namespace mail_relay
