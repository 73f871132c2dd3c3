#include "agent_plugin/diagnose_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/postfix_time.h"
#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

bool is_time(std::string_view value) {
    return parse_postfix_time(value, 's').has_value();
}

/// Postfix keeps a life in the queue below 100 days.
bool is_lifetime(std::string_view value) {
    constexpr std::chrono::seconds kLongest = std::chrono::days(100);
    const auto time = parse_postfix_time(value, 'd');
    return time && *time <= kLongest;
}

bool is_number(std::string_view value) {
    std::int64_t number = 0;
    const char *const end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end && number >= 0;
}

bool is_switch(std::string_view value) {
    return same_word(value, "yes") || same_word(value, "no");
}

/// What a value has to be, and how that is called.
struct Kind {
    bool (*holds)(std::string_view value);
    std::string_view name;
};

constexpr Kind kTime{&is_time, "a time"};
constexpr Kind kLifetime{&is_lifetime, "a time of up to 100 days"};
constexpr Kind kNumber{&is_number, "a number"};
constexpr Kind kSwitch{&is_switch, "yes or no"};

struct Rule {
    std::string_view parameter;
    Kind kind;
};

// Of the programs that mail for other hosts passes. Source: the tables of parameters in Postfix
// src/global/mail_params.c, src/*qmgr/qmgr.c and src/smtp/smtp_params.c.
constexpr auto kRules = std::to_array<Rule>({
    {"bounce_queue_lifetime", kLifetime},
    {"disable_dns_lookups", kSwitch},
    {"hash_queue_depth", kNumber},
    {"maximal_backoff_time", kTime},
    {"maximal_queue_lifetime", kLifetime},
    {"message_size_limit", kNumber},
    {"minimal_backoff_time", kTime},
    {"qmgr_message_active_limit", kNumber},
    {"queue_minfree", kNumber},
    {"queue_run_delay", kTime},
    {"smtp_cname_overrides_servername", kSwitch},
    {"smtp_connect_timeout", kTime},
    {"smtp_enforce_tls", kSwitch},
    {"smtp_sasl_auth_enable", kSwitch},
    {"smtp_sender_dependent_authentication", kSwitch},
    {"smtp_tls_enforce_peername", kSwitch},
    {"smtp_tls_wrappermode", kSwitch},
    {"smtp_use_tls", kSwitch},
});

/// A setting that a program does not understand, and the command that takes it away.
struct Malformed {
    std::string evidence;
    std::string fix;
};

Malformed malformed(const Rule &rule, std::string_view where, std::string_view value,
                    std::string fix) {
    return {fmt::format("{}{} = {} is not {}", where, rule.parameter, value, rule.kind.name),
            std::move(fix)};
}

void check(const Rule &rule, const Configuration &configuration, const Repair &repair,
           std::vector<Malformed> &found) {
    const std::string_view value = configuration.get(rule.parameter);
    // An unknown parameter is empty, and so is the default of some.
    if (!value.empty() && !rule.kind.holds(value)) {
        found.push_back(malformed(rule, "", value, repair.remove_from_main_cf(rule.parameter)));
    }
    for (const auto &service : configuration.services) {
        const auto override = service.overrides.find(rule.parameter);
        if (override == service.overrides.end() || rule.kind.holds(override->second)) {
            continue;
        }
        const auto place = fmt::format("{}/{}/", service.name, service.type);
        found.push_back(
            malformed(rule, place, override->second, repair.remove_from(service, rule.parameter)));
    }
}

}  // namespace

Findings diagnose_values(const Configuration &configuration, const Repair &repair) {
    std::vector<Malformed> found;
    for (const Rule &rule : kRules) {
        check(rule, configuration, repair, found);
    }
    if (found.empty()) {
        return {};
    }
    std::vector<std::string> evidence;
    Finding finding{"malformed_value",
                    Area::kConfig,
                    Severity::kCrit,
                    "The configuration has values that Postfix's programs do not understand: they "
                    "end as soon as they are started, and mail stays here",
                    "",
                    {}};
    for (auto &value : found) {
        evidence.push_back(std::move(value.evidence));
        finding.fix.push_back(std::move(value.fix));
    }
    finding.evidence = fmt::format("{}", fmt::join(evidence, "; "));
    finding.fix.push_back(repair.restart());
    finding.fix.push_back(repair.flush());
    return {std::move(finding)};
}

}  // namespace mail_relay
