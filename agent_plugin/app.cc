#include "agent_plugin/app.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>
#include <thread>

#include "agent_plugin/checkmk_sites.h"
#include "agent_plugin/doctor_report.h"
#include "agent_plugin/gather_instances.h"
#include "agent_plugin/look.h"
#include "agent_plugin/notification_look.h"
#include "agent_plugin/options.h"
#include "agent_plugin/render_common.h"
#include "agent_plugin/render_doctor.h"
#include "agent_plugin/report.h"
#include "common/json_text.h"
#include "common/version_text.h"

namespace mail_relay {

namespace {

constexpr int kUsageError = 2;
// Of this host, whatever tree is examined: no program of a mounted tree is started.
constexpr std::string_view kPostconf = "/usr/sbin/postconf";
constexpr std::size_t kLargestSettings = 1U << 20U;
// A person waits longer than an agent, for the sake of a whole report.
constexpr std::chrono::seconds kDoctorsPatience{20};

std::string or_else(const std::string &value, const char *otherwise) {
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

/// Takes a look and hands its object in, whatever happens.
void take(Run &run, const Subject &subject, const Look &look) {
    boost::json::object object;
    try {
        object = look.take(subject);
    } catch (const std::exception &error) {
        object = broken_look(subject, look, error.what());
    }
    run.report.add(look.section, subject.reading.instance.name, std::move(object));
}

/// False where there is no thread to be had.
template <class Work>
bool start(std::vector<std::jthread> &threads, Work work) {
    try {
        threads.emplace_back(std::move(work));
        return true;
    } catch (const std::system_error &) {
        return false;
    }
}

void look_at_instances(Run &run, const std::deque<Subject> &subjects) {
    std::vector<std::jthread> waiting;  // until the end of this function
    for (const Subject &subject : subjects) {
        for (const Look &look : all_looks()) {
            if (is_taken(run, look) && !(look.waits && start(waiting, [&run, &subject, &look] {
                                             take(run, subject, look);
                                         }))) {
                take(run, subject, look);
            }
        }
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

void look_at_notifications(Run &run, const std::deque<Subject> &subjects,
                           const std::vector<SiteUser> &sites) {
    NotificationLook notifications(sites);
    for (const Subject &subject : subjects) {
        SharedFacts &shared = subject.shared;
        shared.findings.insert(shared.findings.end(), shared.waited_findings.begin(),
                               shared.waited_findings.end());
        notifications.add(subject);
    }
    const auto objects = notifications.render(run.now);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        run.report.add(NotificationLook::kSection, sites[i].name, objects[i]);
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
        std::deque<SharedFacts> shared;
        std::deque<Subject> subjects;
        for (const InstanceReading &found : instances) {
            subjects.push_back({run.files, found, distribution, run.settings, run.settings_problems,
                                run.state_directory, run.now, deadline, sites, run.options.doctor,
                                shared.emplace_back()});
        }
        look_at_instances(run, subjects);
        if (is_wanted(run, NotificationLook::kSection)) {
            look_at_notifications(run, subjects, sites);
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

/// Starts the looks. What hangs must not hold the report.
void begin(const std::shared_ptr<Run> &run, Deadline deadline) {
    std::thread worker([run, deadline] { look_at_all(*run, deadline); });
    worker.detach();
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "this host";
}

/// Everything at once and live. Nothing is kept: the doctor changes nothing on the host.
int ask_doctor(const std::shared_ptr<Run> &run, const Environment &environment, std::ostream &out,
               const Terminal &terminal) {
    const Settings usual;
    if (run->settings.connection_interval.count() == 0) {
        run->settings.connection_interval = usual.connection_interval;
    }
    const Deadline deadline = Deadline::in(kDoctorsPatience);
    begin(run, deadline);
    const DoctorReport report = make_doctor_report(run->report.wait(deadline, run->now));
    const Patient patient{host_name(), read_distribution(run->files).pretty_name, ::geteuid() == 0};
    if (run->options.json) {
        out << json_line(render_doctor_json(report, patient, run->now)) << "\n";
    } else {
        const bool colour = terminal.is_one && environment("NO_COLOR").empty() &&
                            environment("TERM") != "dumb" && !environment("TERM").empty();
        out << render_doctor(report, patient, {terminal.width, colour});
    }
    out.flush();
    return report.exit_status();
}

}  // namespace

int run(const std::vector<std::string> &arguments, const Environment &environment,
        std::ostream &out, std::ostream &err, const Terminal &terminal) {
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
        out << version_text("mk_mail_relay", MAIL_RELAY_LINKED);
        return 0;
    }
    if (!options->section.empty() && !is_section(options->section)) {
        err << "mk_mail_relay: there is no section \"" << options->section << "\"\n";
        return kUsageError;
    }
    if (std::error_code error; !std::filesystem::is_directory(options->root, error)) {
        err << "mk_mail_relay: --root " << options->root << " is no folder\n";
        return kUsageError;
    }
    const auto run = std::make_shared<Run>(*options, unix_time());
    read_settings(*run, environment);
    if (options->doctor) {
        return ask_doctor(run, environment, out, terminal);
    }
    if (run->files.is_this_host()) {
        // What is known of this host says nothing about a tree mounted on it.
        run->state_directory =
            or_else(environment("MK_VARDIR"), "/var/lib/check_mk_agent") + "/mail_relay";
    }
    const Deadline deadline = Deadline::in(run->settings.deadline);
    begin(run, deadline);
    out << run->report.wait_and_render(deadline, run->now);
    out.flush();
    return 0;
}

}  // namespace mail_relay
