#include "agent_plugin/queue_settings.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "agent_plugin/next_hop.h"
#include "agent_plugin/postfix_time.h"
#include "agent_plugin/queue_id.h"

namespace mail_relay {

namespace {

std::string_view value_of(const Configuration &configuration, std::string_view name) {
    const auto found = configuration.parameters.find(name);
    return found == configuration.parameters.end() ? std::string_view() : found->second;
}

template <class Number>
std::optional<Number> number_of(const Configuration &configuration, std::string_view name) {
    const auto text = value_of(configuration, name);
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

bool list_has(std::string_view list, std::string_view word) {
    constexpr std::string_view kSeparators = ", \t\r\n";
    for (auto begin = list.find_first_not_of(kSeparators); begin != std::string_view::npos;
         begin = list.find_first_not_of(kSeparators)) {
        list.remove_prefix(begin);
        const auto end = list.find_first_of(kSeparators);
        if (list.substr(0, end) == word) {
            return true;
        }
        list.remove_prefix(end == std::string_view::npos ? list.size() : end);
    }
    return false;
}

void take_time(const Configuration &configuration, std::string_view name, char default_unit,
               std::chrono::seconds &time) {
    time = parse_postfix_time(value_of(configuration, name), default_unit).value_or(time);
}

int defer_hash_depth(const Configuration &configuration) {
    const auto names = value_of(configuration, "hash_queue_names");
    const auto depth = number_of<int>(configuration, "hash_queue_depth").value_or(1);
    if (!names.empty() && !list_has(names, "defer")) {
        return 0;
    }
    return depth < 0 || depth > kMostHashDepth ? 1 : depth;
}

}  // namespace

QueueSettings queue_settings(const Configuration &configuration) {
    QueueSettings settings;
    if (const auto directory = configuration.parameters.find("queue_directory");
        directory != configuration.parameters.end()) {
        settings.queue_directory = directory->second;
    }
    settings.defer_hash_depth = defer_hash_depth(configuration);
    settings.active_limit = number_of<std::uint64_t>(configuration, "qmgr_message_active_limit")
                                .value_or(settings.active_limit);
    take_time(configuration, "maximal_queue_lifetime", 'd', settings.lifetime);
    take_time(configuration, "bounce_queue_lifetime", 'd', settings.bounce_lifetime);
    take_time(configuration, "queue_run_delay", 's', settings.run_delay);
    settings.relayhost = next_hop_of(configuration);
    if (const auto protocols = value_of(configuration, "inet_protocols");
        !protocols.empty() && !list_has(protocols, "all")) {
        settings.ipv4_enabled = list_has(protocols, "ipv4");
        settings.ipv6_enabled = list_has(protocols, "ipv6");
    }
    return settings;
}

}  // namespace mail_relay
