#include "agent_plugin/options.h"

#include <boost/program_options.hpp>
#include <sstream>

namespace mail_relay {

namespace po = boost::program_options;

namespace {

po::options_description describe_options() {
    using Texts = std::vector<std::string>;
    po::options_description options("Options", 100);
    // clang-format off
    options.add_options()
        ("help", "show this text")
        ("doctor", "tell a person what is wrong with this host's mail and how to repair it; exit "
            "status 2: something grave, 1: something less, or not known, 0: nothing")
        ("json", "with --doctor: the report for a program")
        ("version", "show the version")
        ("config", po::value<std::string>()->value_name("FILE"),
            "settings (default: $MK_CONFDIR/mail_relay.cfg)")
        ("instance", po::value<Texts>()->composing()->value_name("DIR"),
            "look at the instance with this configuration directory only (repeatable)")
        ("root", po::value<std::string>()->value_name("DIR"),
            "look at the host whose files are mounted at DIR; nothing of it is executed")
        ("section", po::value<std::string>()->value_name("NAME"),
            "print this section only, for example mail_relay_queue");
    // clang-format on
    return options;
}

std::string text(const po::variables_map &values, const char *name, const std::string &otherwise) {
    return values.contains(name) ? values[name].as<std::string>() : otherwise;
}

/// "/etc/postfix/" and "/etc/postfix" are the same directory.
Result<std::string> absolute_directory(const std::string &option, std::string directory) {
    if (!directory.starts_with('/')) {
        return failed("{} takes an absolute path, not \"{}\"", option, directory);
    }
    while (directory.size() > 1 && directory.back() == '/') {
        directory.pop_back();
    }
    return directory;
}

constexpr const char *kSettingsHelp = R"(
Settings file: one "name = value" a line; empty lines and lines that begin with # are skipped. A line
that cannot be used is reported in section mail_relay_service and ignored.
  deadline = 10          seconds after which what is ready is printed (1 to 10)
  queue_details = 2      seconds for examining messages in the queue (0.1 to 8)
  queue_threads = 2      threads for examining messages (1 to 8)
  log = auto             where Postfix logs: auto, none, journal or the path of a file
  log_first_megabytes = 64   how far from its end a log is begun at the first run (0 to 100000)
  log_time = 2           seconds for reading an instance's log; the rest comes in the next run (0.1 to 8)
  connection_interval = 300  seconds between live looks at the relays (0 for none, else 30 to 86400)
  direct_mx =            what a host without relayhost looks at, for example gmail.com (default: nothing)
)";

}  // namespace

Result<Options> parse_options(const std::vector<std::string> &arguments) {
    po::variables_map values;
    try {
        const int style =
            po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::store(po::command_line_parser(arguments)
                      .options(describe_options())
                      .positional({})
                      .style(style)
                      .run(),
                  values);
    } catch (const po::error &error) {
        return failed("{}; see --help", error.what());
    }
    Options options;
    options.help = values.contains("help");
    options.version = values.contains("version");
    options.doctor = values.contains("doctor");
    options.json = values.contains("json");
    options.config_file = text(values, "config", "");
    options.section = text(values, "section", "");
    if (options.json && !options.doctor) {
        return failed("--json goes with --doctor; see --help");
    }
    if (options.doctor && !options.section.empty()) {
        return failed("--doctor looks at everything: it does not go with --section");
    }
    auto root = absolute_directory("--root", text(values, "root", "/"));
    if (!root) {
        return root.error();
    }
    options.root = *root;
    if (values.contains("instance")) {
        for (const auto &directory : values["instance"].as<std::vector<std::string>>()) {
            auto instance = absolute_directory("--instance", directory);
            if (!instance) {
                return instance.error();
            }
            options.instances.push_back(*instance);
        }
    }
    return options;
}

std::string help_text() {
    std::ostringstream text;
    text << "mk_mail_relay: looks at the Postfix instances of this host for Checkmk. Prints agent\n"
            "sections; changes nothing of the mail system. Without Postfix it prints nothing.\n\n"
         << describe_options() << kSettingsHelp;
    return text.str();
}

}  // namespace mail_relay
