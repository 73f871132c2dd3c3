#include "common/failure_class.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "common/ascii.h"
#include "common/failure_codes.h"
#include "common/failure_ideas.h"
#include "common/failure_rules.h"
#include "common/failure_words.h"

namespace mail_relay {
namespace {

constexpr std::array<std::string_view, kFailureClassCount> kNames = {
    "resolve",
    "refused",
    "timeout",
    "unreachable",
    "unreachable_ipv6",
    "greeting_timeout",
    "lost_connection",
    "tls_not_offered",
    "tls_handshake",
    "tls_verify",
    "sasl_no_mechanism",
    "sasl_mechanism_mismatch",
    "auth_failed",
    "app_password_required",
    "basic_auth_disabled",
    "oauth_token",
    "auth_required",
    "sender_rejected",
    "recipient_rejected",
    "relay_denied",
    "mailbox_full",
    "message_too_large",
    "content_rejected",
    "quota",
    "rate_limited",
    "greylisted",
    "reputation",
    "local_data_error",
    "loop",
    "server_error",
    "other",
};

// How far apart the parts of a phrase around a "*" may be. Bounded, so that matching stays linear.
constexpr std::size_t kGapLimit = 60;

constexpr bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

/// Whether a word, or a number like "5.7.1", goes on at `at`.
bool word_goes_on(std::string_view words, std::size_t at) {
    if (at >= words.size()) {
        return false;
    }
    if (is_word(words[at])) {
        return is_word(words[at - 1]);
    }
    return words[at] == '.' && is_digit(words[at - 1]) && at + 1 < words.size() &&
           is_digit(words[at + 1]);
}

/// Whether `phrase` stands at the start of `words`.
bool phrase_matches(std::string_view phrase, std::string_view words) {
    std::size_t at = 0;
    std::size_t reach = 0;  // how far ahead the next part may start
    for (;;) {
        const std::size_t star = phrase.find('*');
        std::string_view part = phrase.substr(0, star);
        const bool whole_word = star != std::string_view::npos && part.ends_with(' ');
        if (whole_word) {
            part.remove_suffix(1);
        }
        const std::size_t found = words.substr(at, reach + part.size()).find(part);
        if (found == std::string_view::npos) {
            return false;
        }
        at += found + part.size();
        if (star == std::string_view::npos) {
            return !word_goes_on(words, at);
        }
        if (whole_word && word_goes_on(words, at)) {
            return false;
        }
        phrase.remove_prefix(star + 1);
        if (phrase.empty()) {
            return true;
        }
        reach = kGapLimit;
    }
}

/// The rules by the beginning of their phrases: a text is looked at once, word by word.
class RuleIndex {
  public:
    RuleIndex(std::initializer_list<std::span<const FailureRule>> tables) {
        for (const std::span<const FailureRule> table : tables) {
            for (const FailureRule &rule : table) {
                const std::string_view phrase = rule.phrase;
                const std::string_view beginning = phrase.substr(0, phrase.find_first_of(" *"));
                rows_[bucket(phrase)].push_back({rules_.size(), beginning});
                rules_.push_back(rule);
            }
        }
    }

    /// First rule that matches; nullptr when none does.
    const FailureRule *find(const FailureWords &text) const {
        std::size_t best = rules_.size();
        const std::string_view words = text.words;
        std::array<std::uint8_t, kBuckets> looked{};
        for (std::size_t at = 0; at + kBeginning <= words.size(); ++at) {
            if (!is_word(words[at]) || (at > 0 && is_word(words[at - 1]))) {
                continue;
            }
            const std::string_view rest = words.substr(at);
            const std::size_t begins = bucket(rest);
            // A text of one word over and over is not worth more than a few looks.
            if (rows_[begins].empty() || looked[begins] == kLooks) {
                continue;
            }
            ++looked[begins];
            best = std::min(best, first_match(rows_[begins], rest, text, best));
        }
        return best < rules_.size() ? &rules_[best] : nullptr;
    }

  private:
    static constexpr std::size_t kBeginning = 3;  ///< characters; no phrase is shorter
    static constexpr std::size_t kBuckets = 1024;
    static constexpr std::uint8_t kLooks = 8;

    static std::size_t bucket(std::string_view words) {
        std::size_t hash = 0;
        for (const char c : words.substr(0, kBeginning)) {
            hash = hash * 37 + static_cast<unsigned char>(c);
        }
        return hash % kBuckets;
    }

    struct Row {
        std::size_t number;
        std::string_view beginning;  ///< first word of the phrase
    };

    /// The first of `rows` before `best` that matches at the start of `rest`; else `best`.
    std::size_t first_match(const std::vector<Row> &rows, std::string_view rest,
                            const FailureWords &text, std::size_t best) const {
        for (const Row &row : rows) {
            if (row.number >= best) {
                break;
            }
            const FailureRule &rule = rules_[row.number];
            if (rest.starts_with(row.beginning) && said_there(rule.said, text) &&
                phrase_matches(rule.phrase, rest)) {
                return row.number;
            }
        }
        return best;
    }

    std::vector<FailureRule> rules_;
    std::array<std::vector<Row>, kBuckets> rows_;
};

FailureClass failure_of(const FailureWords &text, std::string_view dsn_status) {
    static const RuleIndex index(
        {postfix_failure_rules(), exact_failure_rules(), server_failure_rules()});
    if (const FailureRule *rule = index.find(text)) {
        return rule->failure;
    }
    const std::optional<FailureClass> by_ideas = failure_by_ideas(text);
    const bool own_trouble = by_ideas == FailureClass::kServerError && text.reply_code == 0;
    if (by_ideas && !(own_trouble && !dsn_status.empty())) {
        return *by_ideas;
    }
    const FailureClass by_code = failure_by_code(text, dsn_status);
    return by_code != FailureClass::kOther ? by_code : by_ideas.value_or(FailureClass::kOther);
}

/// What the words mean at this step: at MAIL FROM no recipient is known yet, and a server that says
/// 5xx in its greeting wants nothing from us.
FailureClass failure_at_step(FailureClass failure, const FailureWords &text) {
    if (text.step == SmtpStep::kMailFrom && failure == FailureClass::kRecipientRejected) {
        return FailureClass::kSenderRejected;
    }
    if (text.step != SmtpStep::kConnect || text.reply_code < 500) {
        return failure;
    }
    switch (failure) {
        case FailureClass::kSenderRejected:
        case FailureClass::kRecipientRejected:
        case FailureClass::kContentRejected:
        case FailureClass::kServerError:
            return FailureClass::kReputation;
        default:
            return failure;
    }
}

}  // namespace

std::string_view failure_class_name(FailureClass failure) {
    return kNames.at(static_cast<std::size_t>(failure));
}

FailureClass classify_failure(std::string_view text, std::string_view dsn_status) {
    const FailureWords words = read_failure_words(text);
    return failure_at_step(failure_of(words, dsn_status), words);
}

}  // namespace mail_relay
