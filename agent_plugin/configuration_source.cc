#include "agent_plugin/configuration_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "agent_plugin/known_parameters.h"
#include "agent_plugin/postconf.h"
#include "common/child_process.h"

namespace mail_relay {

namespace {

constexpr std::size_t kOutputLimit = 1 << 20U;
// As a rule 10 ms are enough; after a fatal error postconf sleeps for a second.
constexpr std::chrono::milliseconds kPostconfTime(5000);

/// Asks one postconf after the other until one hangs or cannot be started.
class Questions {
  public:
    Questions(std::string program, std::string directory, Deadline deadline, PostconfAnswer &answer)
        : program_(std::move(program)),
          directory_(std::move(directory)),
          deadline_(deadline),
          answer_(answer) {}

    /// Standard output of "postconf OPTION"; nullopt with a problem about `what` if it failed.
    std::optional<std::string> ask(const char *option, const char *what) {
        if (gave_up_) {
            return std::nullopt;
        }
        auto output = run_child({program_, "-c", directory_, option},
                                deadline_.within(kPostconfTime), kOutputLimit);
        if (!output) {
            gave_up_ = true;
            answer_.problems.push_back({what, output.error().message()});
            return std::nullopt;
        }
        for (auto &warning : parse_warnings(output->err)) {
            add_warning(std::move(warning));
        }
        if (output->exit_status == 0) {
            return std::move(output->out);
        }
        const auto fatal = parse_fatal(output->err);
        answer_.problems.push_back(
            {what,
             fmt::format("{} {}: {}", program_, option,
                         fatal.value_or(fmt::format("exit status {}", output->exit_status)))});
        // That we may not read a file says nothing about what it holds.
        if (fatal && fatal->find("Permission denied") == std::string::npos) {
            rejection_ = *fatal;
        }
        return std::nullopt;
    }

    /// Why Postfix does not accept the files that were asked about; "" if it does.
    const std::string &rejection() const { return rejection_; }

  private:
    void add_warning(std::string warning) {
        auto &warnings = answer_.configuration.warnings;
        if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
            warnings.push_back(std::move(warning));
        }
    }

    std::string program_;
    std::string directory_;
    Deadline deadline_;
    PostconfAnswer &answer_;
    std::string rejection_;
    bool gave_up_ = false;
};

void read_parameters(Questions &questions, PostconfAnswer &answer) {
    Configuration &configuration = answer.configuration;
    const auto all = questions.ask("-x", "parameters");
    if (!all) {
        return;
    }
    answer.is_resolved = true;
    for (const auto &[name, value] : parse_settings(*all)) {
        if (is_known_parameter(name)) {
            configuration.parameters.insert_or_assign(std::string(name), std::string(value));
        }
    }
    if (const auto set = questions.ask("-n", "set_in_main_cf")) {
        for (const auto &[name, value] : parse_settings(*set)) {
            configuration.set_in_main_cf.emplace_back(name);
        }
    }
    // Its default are the addresses of this host, which change while no file does.
    if (!configuration.is_set_in_main_cf("mynetworks")) {
        configuration.parameters.erase("mynetworks");
    }
}

void read_services(Questions &questions, PostconfAnswer &answer) {
    const auto services = questions.ask("-Mx", "services");
    if (!services) {
        return;
    }
    answer.configuration.services = parse_services(*services, default_chroot(answer.configuration));
    if (const auto overrides = questions.ask("-Px", "services")) {
        add_overrides(answer.configuration.services, *overrides);
    }
}

}  // namespace

PostconfAnswer ask_postconf(const std::string &program, const std::string &config_directory,
                            Deadline deadline) {
    PostconfAnswer answer;
    Questions questions(program, config_directory, deadline, answer);
    read_parameters(questions, answer);
    if (answer.is_resolved) {
        read_services(questions, answer);
        // Of these questions alone postconf takes the values the way daemons do: "10M" is no size.
        if (const auto types = questions.ask("-m", "map_types")) {
            answer.configuration.map_types = parse_words(*types);
        }
        if (const auto types = questions.ask("-A", "client_sasl_types")) {
            answer.configuration.client_sasl_types = parse_words(*types);
        }
    }
    answer.rejection = questions.rejection();
    return answer;
}

}  // namespace mail_relay
