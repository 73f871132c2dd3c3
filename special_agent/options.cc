#include "special_agent/options.h"

#include <boost/program_options.hpp>
#include <sstream>

#include "common/file_tree.h"

namespace mail_relay::roundtrip {

namespace po = boost::program_options;

namespace {

constexpr std::size_t kLargestLoopFile = 1U << 20U;

constexpr std::string_view kExample = R"(
A try by hand; the secrets are the first lines of two files that nobody else can read:
  agent_mail_roundtrip --explain --state ~/roundtrip-state \
      --secret-file relay ~/relay.secret --secret-file mailbox ~/mailbox.secret --loop '{
      "name": "try", "kind": "external", "from": "me@example.org", "to": "probe@example.com",
      "submission": {"server": "smtp.example.org",
                     "auth": {"type": "password", "user": "me@example.org", "secret": "relay"}},
      "mailbox": {"server": "imap.example.com",
                  "auth": {"type": "password", "user": "probe@example.com", "secret": "mailbox"}}}'

A probe goes out at most every interval_s (300) seconds of a loop and state folder. Exit status 0 means
that the report is printed, whatever it says; 2 that the command line is wrong.
)";

po::options_description describe_options() {
    using Texts = std::vector<std::string>;
    po::options_description options("Options", 100);
    // clang-format off
    options.add_options()
        ("help", "show this text")
        ("version", "show the version")
        ("host", po::value<std::string>()->value_name("NAME"),
            "Checkmk host name; names the folder of the state")
        ("loop", po::value<Texts>()->composing()->value_name("JSON"),
            "one loop (repeatable); keys: see README, \"Loop definition\"")
        ("loop-file", po::value<Texts>()->composing()->value_name("PATH"),
            "a file with one loop a line")
        ("secret", po::value<Texts>()->composing()->value_name("SLOT ID:FILE"),
            "where the password store has the secret of a slot; two arguments")
        ("secret-file", po::value<Texts>()->composing()->value_name("SLOT PATH"),
            "a file whose first line is the secret of a slot; two arguments")
        ("explain", "tell the run to a person instead of printing sections")
        ("ca-file", po::value<std::string>()->value_name("PATH"),
            "certificate authorities to trust (PEM)")
        ("dns-server", po::value<std::string>()->value_name("ADDRESS[:PORT]"),
            "ask this name server instead of the system's")
        ("state", po::value<std::string>()->value_name("DIR"),
            "where to keep state outside a Checkmk site");
    // clang-format on
    return options;
}

std::string text(const po::variables_map &values, const char *name,
                 const std::string &otherwise = {}) {
    return values.contains(name) ? values[name].as<std::string>() : otherwise;
}

/// --secret and --secret-file take two values, which Boost.Program_options has no notion of: the
/// pairs are taken out of the arguments before it sees them.
Result<std::vector<std::string>> take_secrets(const std::vector<std::string> &arguments,
                                              std::map<std::string, SecretSource> &secrets) {
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const bool is_file = arguments[i] == "--secret-file";
        if (arguments[i] != "--secret" && !is_file) {
            rest.push_back(arguments[i]);
            continue;
        }
        if (i + 2 >= arguments.size()) {
            return failed("{} takes two values: the slot and where its secret is", arguments[i]);
        }
        secrets[arguments[i + 1]] = {is_file, arguments[i + 2]};
        i += 2;
    }
    return rest;
}

Result<void> read_loop_file(const std::string &path, std::vector<std::string> &loops) {
    const auto content = FileTree().read(path, kLargestLoopFile);
    if (!content) {
        return content.error();
    }
    std::istringstream lines(*content);
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") != std::string::npos) {
            loops.push_back(line);
        }
    }
    return {};
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string> &arguments) {
    Options options;
    const auto rest = take_secrets(arguments, options.secrets);
    if (!rest) {
        return rest.error();
    }
    po::variables_map values;
    try {
        const int style =
            po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::store(po::command_line_parser(*rest)
                      .options(describe_options())
                      .positional({})
                      .style(style)
                      .run(),
                  values);
    } catch (const po::error &error) {
        return failed("{}; see --help", error.what());
    }
    options.help = values.contains("help");
    options.version = values.contains("version");
    options.explain = values.contains("explain");
    options.host = text(values, "host", options.host);
    options.ca_file = text(values, "ca-file");
    options.dns_server = text(values, "dns-server");
    options.state_directory = text(values, "state");
    if (values.contains("loop")) {
        options.loops = values["loop"].as<std::vector<std::string>>();
    }
    if (values.contains("loop-file")) {
        for (const std::string &path : values["loop-file"].as<std::vector<std::string>>()) {
            if (auto read = read_loop_file(path, options.loops); !read) {
                return read.error();
            }
        }
    }
    return options;
}

std::string help_text() {
    std::ostringstream text;
    text << "agent_mail_roundtrip --loop JSON [OPTION...]\n\n"
            "Sends probe mails through real relays, fetches them from real mailboxes, and reports "
            "to\n"
            "Checkmk what became of them.\n\n"
         << describe_options() << kExample;
    return text.str();
}

}  // namespace mail_relay::roundtrip
