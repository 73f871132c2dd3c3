#include "agent_plugin/object_summary.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ctime>
#include <optional>
#include <vector>

#include "agent_plugin/json_fields.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

std::optional<std::int64_t> number(const json::object &object, std::string_view path) {
    const json::value *const value = find_at(object, path);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    boost::system::error_code error;
    const auto result = value->to_number<std::int64_t>(error);
    return error ? std::nullopt : std::optional(result);
}

bool is_true(const json::object &object, std::string_view path) {
    const json::value *const value = find_at(object, path);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string words(const json::array &values) {
    std::string joined;
    for (const auto &value : values) {
        joined += value.is_string() ? fmt::format("{}{}", joined.empty() ? "" : ", ",
                                                  std::string_view(value.get_string()))
                                    : "";
    }
    return joined;
}

/// SASL mechanisms: those that mail relays offer by name, the others by number.
std::string mechanisms(const json::array &values) {
    std::string line;
    std::size_t others = values.size();
    for (const std::string_view usual : {"PLAIN", "LOGIN", "XOAUTH2"}) {
        if (std::find(values.begin(), values.end(), json::value(usual)) != values.end()) {
            line += fmt::format("{}{}", line.empty() ? "" : ", ", usual);
            --others;
        }
    }
    if (line.empty() || others == 0) {
        return words(values);
    }
    return fmt::format("{} and {} other{}", line, others, others == 1 ? "" : "s");
}

std::string age(const json::object &object, std::optional<std::int64_t> since) {
    const auto now = number(object, "time");
    return since && now ? format_span(*now - *since) : "";
}

std::string summarise_service(const json::object &object) {
    std::string line = fmt::format("Postfix {} {}", text_at(object, "version"),
                                   is_true(object, "running") ? "is running" : "does not run");
    if (const auto since = age(object, number(object, "started")); !since.empty()) {
        line += fmt::format(" for {}", since);
    }
    if (const auto free = number(object, "spool.free_bytes")) {
        line += fmt::format(", {:.1f} GiB free in its spool",
                            static_cast<double>(*free) / (1024.0 * 1024 * 1024));
    }
    return line;
}

/// The reason that most deferred mails have, in Postfix's own words.
std::string main_reason(const json::object &object, std::int64_t all) {
    for (const auto &row : rows_at(object, "deferral_reasons")) {
        const auto *const reason = row.if_object();
        if (reason == nullptr || text_at(*reason, "sample").empty()) {
            continue;
        }
        const auto messages = number(*reason, "messages").value_or(0);
        return fmt::format("{}: {}", messages == all ? "" : fmt::format("; {} of them", messages),
                           text_at(*reason, "sample"));
    }
    return "";
}

std::string summarise_queue(const json::object &object) {
    std::int64_t all = 0;
    std::optional<std::int64_t> oldest;
    const json::value *const queues = find_at(object, "queues");
    if (queues == nullptr || !queues->is_object()) {
        return "";
    }
    for (const auto &[name, queue] : queues->get_object()) {
        if (const auto *const fields = queue.if_object()) {
            all += number(*fields, "messages").value_or(0);
            if (const auto arrival = number(*fields, "oldest_arrival")) {
                oldest = std::min(oldest.value_or(*arrival), *arrival);
            }
        }
    }
    if (all == 0) {
        return "nothing waits";
    }
    const auto since = age(object, oldest);
    return fmt::format("{} message{} wait{}{}{}", all, all == 1 ? "" : "s", all == 1 ? "s" : "",
                       since.empty() ? "" : ", the oldest for " + since, main_reason(object, all));
}

std::string summarise_config(const json::object &object) {
    const auto command = text_at(object, "delivery_service.command");
    if (!command.empty() && command != "smtp") {
        return fmt::format("no mail leaves by SMTP: default_transport is {}", command);
    }
    const auto relayhost = text_at(object, "relayhost");
    return relayhost.empty() ? "no relayhost: mail goes to the recipients' own servers"
                             : "mail goes through " + relayhost;
}

std::string summarise_sasl(const json::object &object) {
    if (!is_true(object, "auth_enabled")) {
        return "log-in to the relay is off";
    }
    const auto usable = mechanisms(rows_at(object, "usable_mechanisms"));
    return usable.empty() ? "" : "the smtp client can log on with " + usable;
}

std::string summarise_tls(const json::object &object) {
    std::string line;
    for (const auto &row : rows_at(object, "relayhost_levels")) {
        if (const auto *const level = row.if_object()) {
            line += fmt::format("{}level {} towards {}", line.empty() ? "" : ", ",
                                text_at(*level, "level"), text_at(*level, "relayhost"));
        }
    }
    return line.empty() ? fmt::format("level {}", text_at(object, "level.effective")) : line;
}

std::string summarise_relay(const json::object &relay) {
    std::string line =
        fmt::format("{} port {} {}", text_at(relay, "server"), number(relay, "port").value_or(0),
                    is_true(relay, "ok") ? "answers" : "does not answer");
    const auto version = text_at(relay, "tls.version");
    line += version.empty() ? ", without TLS" : ", " + version;
    if (const auto expires = number(relay, "tls.expires")) {
        line += fmt::format(", certificate valid until {:%Y-%m-%d}",
                            fmt::gmtime(static_cast<std::time_t>(*expires)));
    }
    const auto mechanisms = words(rows_at(relay, "auth_mechanisms"));
    return line + (mechanisms.empty() ? "" : ", AUTH " + mechanisms);
}

std::string summarise_connection(const json::object &object) {
    const auto skipped = text_at(object, "skipped");
    std::string line = skipped.empty() ? "" : "not looked at: " + skipped;
    for (const auto &row : rows_at(object, "relays")) {
        if (const auto *const relay = row.if_object()) {
            line += (line.empty() ? "" : "; ") + summarise_relay(*relay);
        }
    }
    return line;
}

std::string summarise_deliveries(const json::object &object) {
    if (find_at(object, "volume") == nullptr || find_at(object, "volume")->is_null()) {
        return "";
    }
    std::string line = fmt::format("{} sent and {} lost in the last 24 hours",
                                   number(object, "volume.sent_24h").value_or(0),
                                   number(object, "lost.recipients").value_or(0));
    if (const auto last = age(object, number(object, "last_sent.time")); !last.empty()) {
        line += fmt::format(", the last one sent {} ago", last);
    }
    return line;
}

std::string summarise_notifications(const json::object &object) {
    std::string line = fmt::format("{} waiting", number(object, "waiting").value_or(0));
    if (const auto sent = number(object, "sent_24h")) {
        line += fmt::format(", {} sent in the last 24 hours", *sent);
    }
    return line;
}

struct Known {
    std::string_view section;
    std::string_view title;
    std::string (*summarise)(const json::object &);
};

constexpr auto kKnown = std::to_array<Known>({
    {"mail_relay_service", "Service", &summarise_service},
    {"mail_relay_queue", "Queue", &summarise_queue},
    {"mail_relay_config", "Configuration", &summarise_config},
    {"mail_relay_sasl", "Authentication", &summarise_sasl},
    {"mail_relay_tls", "TLS", &summarise_tls},
    {"mail_relay_connection", "Connection", &summarise_connection},
    {"mail_relay_deliveries", "Deliveries", &summarise_deliveries},
    {"mail_relay_notifications", "Notifications", &summarise_notifications},
});

const Known *find_known(std::string_view section) {
    for (const auto &known : kKnown) {
        if (known.section == section) {
            return &known;
        }
    }
    return nullptr;
}

}  // namespace

std::string section_title(std::string_view section) {
    const Known *const known = find_known(section);
    return std::string(known != nullptr ? known->title : section);
}

std::string summarise_object(std::string_view section, const json::object &object) {
    const Known *const known = find_known(section);
    return known != nullptr ? known->summarise(object) : "";
}

bool has_waiting_mail(std::string_view section, const json::object &object) {
    const auto path = section == "mail_relay_queue"           ? "queues.deferred.messages"
                      : section == "mail_relay_notifications" ? "waiting"
                                                              : "";
    return number(object, path).value_or(0) > 0;
}

std::string format_span(std::int64_t seconds) {
    struct Unit {
        std::int64_t size_s;
        std::string_view name;
    };
    constexpr auto kUnits =
        std::to_array<Unit>({{86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}});
    for (const auto &[size_s, name] : kUnits) {
        // Two of a unit at least, so that rounding down loses little.
        if (seconds >= 2 * size_s || size_s == 1) {
            const auto count = std::max<std::int64_t>(seconds, 0) / size_s;
            return fmt::format("{} {}{}", count, name, count == 1 ? "" : "s");
        }
    }
    return "";
}

}  // namespace mail_relay
