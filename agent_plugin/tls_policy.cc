#include "agent_plugin/tls_policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr std::size_t kLongestPolicy = 2'000;

std::string first_word(std::string_view entry) {
    const auto words = split_list(entry);
    return words.empty() ? "" : lower(words.front());
}

struct Match {
    std::string key;
    std::string entry;  // reduced
};

/// The first of the tables that knows a key decides; one that fails ends the search.
Result<std::optional<Match>> find_entry(const TlsPolicies &policies,
                                        const std::vector<std::string> &keys,
                                        std::string_view purpose, const ReduceValue &reduce,
                                        TableLookup &lookup) {
    for (const auto &key : keys) {
        for (const auto &table : policies.tables) {
            const auto entry = lookup.ask(table, key, purpose, reduce);
            if (!entry) {
                return entry.error();
            }
            if (*entry) {
                return std::optional(Match{key, **entry});
            }
        }
    }
    return std::optional<Match>();
}

void apply_policy(const Match &match, RelayhostLevel &relayhost) {
    const auto words = split_list(match.entry);
    relayhost.policy_key = match.key;
    relayhost.level = words.empty() ? std::nullopt : parse_tls_level(words.front());
    relayhost.malformed_policy = !relayhost.level;
    relayhost.attributes.assign(words.empty() ? words.end() : words.begin() + 1, words.end());
    relayhost.own_trust = !policy_values(relayhost, "tafile").empty();
}

/// Source: Postfix tls_site_lookup(): NONE, MAY, MUST_NOPEERMATCH, MUST; a general level stronger
/// than "may" overrides an entry MAY.
void apply_per_site(const Match &match, RelayhostLevel &relayhost) {
    constexpr auto kWords = std::to_array<std::pair<std::string_view, TlsLevel>>(
        {{"none", TlsLevel::kNone},
         {"may", TlsLevel::kMay},
         {"must_nopeermatch", TlsLevel::kEncrypt},
         {"must", TlsLevel::kVerify}});
    const auto word = std::find_if(kWords.begin(), kWords.end(),
                                   [&](const auto &known) { return known.first == match.entry; });
    relayhost.policy_key = match.key;
    if (word == kWords.end()) {
        relayhost.level.reset();
        relayhost.malformed_policy = true;
    } else if (word->second != TlsLevel::kMay || relayhost.level < TlsLevel::kMay) {
        relayhost.level = word->second;
    }
}

}  // namespace

std::string reduce_policy(std::string_view entry) {
    std::string kept;
    for (const auto &word : split_list(entry.substr(0, kLongestPolicy))) {
        kept += kept.empty() ? lower(word) : " " + word;
    }
    return kept;
}

std::vector<std::string> policy_values(const RelayhostLevel &relayhost, std::string_view name) {
    std::vector<std::string> values;
    for (const std::string_view attribute : relayhost.attributes) {
        const auto equals = std::min(attribute.find('='), attribute.size());
        if (lower(attribute.substr(0, equals)) == name && equals + 1 < attribute.size()) {
            values.emplace_back(attribute.substr(equals + 1));
        }
    }
    return values;
}

std::vector<std::string> policy_keys(const Relayhost &relayhost) {
    std::vector<std::string> keys = {relayhost.written};
    const bool is_domain = relayhost.written == relayhost.host && !relayhost.is_address;
    for (auto dot = relayhost.host.find('.', 1); is_domain && dot != std::string::npos;
         dot = relayhost.host.find('.', dot + 1)) {
        keys.push_back(relayhost.host.substr(dot));
    }
    return keys;
}

TlsPolicies gather_tls_policies(const FileTree &files, const Configuration &configuration,
                                TableLookup &lookup, std::int64_t now) {
    TlsPolicies policies;
    for (const auto *parameter : {"smtp_tls_policy_maps", "smtp_tls_per_site"}) {
        const std::string_view value = configuration.smtp_client(parameter);
        if (value.empty() || !policies.parameter.empty()) {
            continue;  // per_site is ignored beside policy_maps
        }
        policies.parameter = parameter;
        const auto names = parse_table_list(value);
        if (!names) {
            policies.problems.push_back({"policy_maps", names.error().message()});
            continue;
        }
        for (const auto &name : *names) {
            policies.tables.push_back(examine_table(files, name, configuration, now));
        }
    }
    const bool per_site = policies.parameter == "smtp_tls_per_site";
    const bool readable =
        policies.problems.empty() &&
        std::all_of(policies.tables.begin(), policies.tables.end(),
                    [](const auto &table) { return find_obstacle(table).empty(); });
    const auto general = configured_tls_level(configuration).effective;
    for (const auto &relayhost : configuration.relayhosts()) {
        auto &level = policies.levels.emplace_back();
        level.relayhost = relayhost.written;
        level.port = relayhost.port;
        level.level = general;
        if (!readable) {
            level.level.reset();
            continue;
        }
        const auto match = per_site ? find_entry(policies, {relayhost.written, relayhost.host},
                                                 "per_site", first_word, lookup)
                                    : find_entry(policies, policy_keys(relayhost), "policy_entry",
                                                 reduce_policy, lookup);
        if (!match) {
            level.level.reset();
            policies.problems.push_back({"relayhost_levels", match.error().message()});
        } else if (*match) {
            per_site ? apply_per_site(**match, level) : apply_policy(**match, level);
        }
    }
    return policies;
}

}  // namespace mail_relay
