#include "agent_plugin/postconf.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "agent_plugin/known_parameters.h"

namespace mail_relay {

namespace {

constexpr std::size_t kWarningLimit = 50;
constexpr std::size_t kWarningLength = 300;

/// Takes the next line off the front of `text`.
std::string_view take_line(std::string_view &text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// Takes the next word, which blanks end, off the front of `text`.
std::string_view take_word(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// "name = value", where an empty value has no blank either.
std::optional<std::pair<std::string_view, std::string_view>> split_setting(std::string_view line) {
    const auto equals = line.find(" =");
    if (equals == 0 || equals == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view value = line.substr(equals + 2);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return std::pair(line.substr(0, equals), value);
}

/// The rest of a line after "postconf: KIND: ".
std::optional<std::string_view> said_as(std::string_view line, std::string_view kind) {
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    line.remove_prefix(colon + 2);
    if (!line.starts_with(kind)) {
        return std::nullopt;
    }
    return line.substr(kind.size());
}

/// Cuts off what postconf repeats of main.cf: the value after "unused parameter: NAME=" and
/// "overriding earlier entry: NAME=", and a malformed line in quotes.
std::string without_value(std::string_view said) {
    for (const std::string_view before : {"parameter: ", "entry: "}) {
        const auto start = said.find(before);
        if (start != std::string_view::npos) {
            return std::string(said.substr(0, said.find('=', start)));
        }
    }
    if (said.find("macro") != std::string_view::npos) {
        return std::string(said);  // quotes the name of a parameter
    }
    return std::string(said.substr(0, said.find(": \"")));
}

MasterService *find_service(std::vector<MasterService> &services, std::string_view name,
                            std::string_view type) {
    const auto found = std::find_if(
        services.begin(), services.end(),
        [&](const MasterService &service) { return service.name == name && service.type == type; });
    return found == services.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> parse_settings(std::string_view output) {
    std::vector<std::pair<std::string_view, std::string_view>> settings;
    while (!output.empty()) {
        if (const auto setting = split_setting(take_line(output))) {
            settings.push_back(*setting);
        }
    }
    return settings;
}

std::vector<std::string> parse_words(std::string_view output) {
    std::vector<std::string> words;
    while (!output.empty()) {
        std::string_view line = take_line(output);
        if (const auto word = take_word(line); !word.empty()) {
            words.emplace_back(word);
        }
    }
    return words;
}

std::vector<MasterService> parse_services(std::string_view output, bool default_chroot) {
    // service type private unprivileged chroot wakeup process_limit command
    std::vector<MasterService> services;
    while (!output.empty()) {
        std::string_view line = take_line(output);
        std::array<std::string_view, 8> fields;
        for (auto &field : fields) {
            field = take_word(line);
        }
        if (fields.back().empty()) {
            continue;
        }
        MasterService service;
        service.name = fields[0];
        service.type = fields[1];
        service.chroot = fields[4] == "y" || (fields[4] == "-" && default_chroot);
        service.command = fields[7];
        if (MasterService *earlier = find_service(services, service.name, service.type)) {
            *earlier = std::move(service);  // as Postfix does, with a warning
        } else {
            services.push_back(std::move(service));
        }
    }
    return services;
}

void add_overrides(std::vector<MasterService> &services, std::string_view output) {
    for (const auto &[key, value] : parse_settings(output)) {
        const auto parameter = key.rfind('/');
        if (parameter == std::string_view::npos || parameter == 0) {
            continue;
        }
        const auto type = key.rfind('/', parameter - 1);
        const std::string_view name = key.substr(parameter + 1);
        if (type == std::string_view::npos || !is_known_parameter(name)) {
            continue;
        }
        if (MasterService *service = find_service(services, key.substr(0, type),
                                                  key.substr(type + 1, parameter - type - 1))) {
            service->overrides.insert_or_assign(std::string(name), std::string(value));
        }
    }
}

std::vector<std::string> parse_warnings(std::string_view standard_error) {
    std::vector<std::string> warnings;
    while (!standard_error.empty() && warnings.size() < kWarningLimit) {
        const auto said = said_as(take_line(standard_error), "warning: ");
        if (!said) {
            continue;
        }
        std::string warning = without_value(*said).substr(0, kWarningLength);
        if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
            warnings.push_back(std::move(warning));
        }
    }
    return warnings;
}

std::optional<std::string> parse_fatal(std::string_view standard_error) {
    std::string_view before;  // "macro processing error" alone does not say where
    while (!standard_error.empty()) {
        const std::string_view line = take_line(standard_error);
        if (const auto fatal = said_as(line, "fatal: ")) {
            std::string reason = without_value(*fatal);
            if (reason == "macro processing error" && !before.empty()) {
                reason += " after: " + without_value(before);
            }
            return reason.substr(0, kWarningLength);
        }
        before = said_as(line, "warning: ").value_or(before);
    }
    return std::nullopt;
}

std::optional<std::pair<int, int>> compatibility_level(const Configuration &configuration) {
    const std::string_view text = configuration.get("compatibility_level");
    const char *end = text.data() + text.size();
    std::pair<int, int> level;
    const auto major = std::from_chars(text.data(), end, level.first);
    if (major.ec != std::errc()) {
        return std::nullopt;
    }
    if (major.ptr != end && *major.ptr == '.') {
        std::from_chars(major.ptr + 1, end, level.second);
    }
    return level;
}

bool default_chroot(const Configuration &configuration) {
    // Source: master(5): until 2.11 "y", since 3.0 "n" unless compatibility_level is below 1.
    const auto version = configuration.version();
    if (version && *version < std::pair(3, 0)) {
        return true;
    }
    const auto level = compatibility_level(configuration);
    return level && *level < std::pair(1, 0);
}

}  // namespace mail_relay
