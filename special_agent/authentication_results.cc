#include "special_agent/authentication_results.h"

#include <algorithm>

#include "common/ascii.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kLongestHeader = 16384;
constexpr std::size_t kMostResults = 50;
constexpr std::size_t kLongestText = 300;
constexpr int kDeepestComment = 20;

enum class TokenKind { kEnd, kWord, kComment, kQuoted, kSymbol };

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string text;
};

/// Cuts a structured header into words, quoted strings, comments and the symbols ';' and '='.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : rest_(text.substr(0, kLongestHeader)) {}

    Token next() {
        const auto start = rest_.find_first_not_of(" \t\r\n");
        if (start == std::string_view::npos) {
            return {};
        }
        rest_.remove_prefix(start);
        switch (rest_.front()) {
            case '(':
                return {TokenKind::kComment, take_comment()};
            case ')':  // of no comment
                take(1);
                return {TokenKind::kComment, {}};
            case '"':
                return {TokenKind::kQuoted, take_quoted()};
            case ';':
            case '=':
                return {TokenKind::kSymbol, take(1)};
            default:
                return {TokenKind::kWord,
                        take(std::min(rest_.find_first_of(" \t\r\n();=\""), rest_.size()))};
        }
    }

  private:
    std::string take(std::size_t length) {
        std::string text(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return text;
    }

    std::string take_comment() {
        std::string text;
        int depth = 0;
        std::size_t i = 0;
        for (; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (c == '\\' && i + 1 < rest_.size()) {
                text += rest_[++i];
            } else if (c == '(' && ++depth <= kDeepestComment) {
                text += depth > 1 ? "(" : "";
            } else if (c == ')' && --depth == 0) {
                ++i;
                break;
            } else {
                text += c;
            }
        }
        rest_.remove_prefix(i);
        return text;
    }

    std::string take_quoted() {
        std::string text;
        std::size_t i = 1;
        for (; i < rest_.size() && rest_[i] != '"'; ++i) {
            if (rest_[i] == '\\' && i + 1 < rest_.size()) {
                ++i;
            }
            text += rest_[i];
        }
        rest_.remove_prefix(std::min(i + 1, rest_.size()));
        return text;
    }

    std::string_view rest_;
};

/// The domain of "user@example.org", "@example.org" or "example.org".
std::string domain_of(std::string_view value) {
    const auto at = value.rfind('@');
    return lower(at == std::string_view::npos ? value : value.substr(at + 1));
}

bool names_the_domain(std::string_view property) {
    return property == "smtp.mailfrom" || property == "smtp.helo" || property == "header.d" ||
           property == "header.i" || property == "header.from";
}

/// What stands between two ';'. Words, '=' and values come in this order: key = value key = value.
class Segment {
  public:
    void add(const Token &token) {
        if (token.kind == TokenKind::kComment) {
            if (result_.reason.empty() && !result_.result.empty()) {
                result_.reason = token.text.substr(0, kLongestText);
            }
        } else if (token.kind == TokenKind::kSymbol) {
            value_expected_ = true;
        } else if (value_expected_) {
            assign(token.text);
            value_expected_ = false;
        } else {
            word_ = lower(token.text);
            first_word_ = first_word_.empty() ? word_ : first_word_;
        }
    }

    bool has_pair() const { return has_pair_; }
    const std::string &first_word() const { return first_word_; }
    const MethodResult &result() const { return result_; }

  private:
    void assign(const std::string &value) {
        if (!has_pair_) {
            has_pair_ = true;
            result_.method = word_.substr(0, word_.find('/'));
            result_.result = lower(value).substr(0, kLongestText);
        } else if (word_ == "reason") {
            result_.reason = value.substr(0, kLongestText);
        } else if (names_the_domain(word_) && result_.domain.empty()) {
            result_.domain = domain_of(value).substr(0, kLongestText);
        }
    }

    MethodResult result_;
    std::string word_;
    std::string first_word_;
    bool has_pair_ = false;
    bool value_expected_ = false;
};

void keep(AuthenticationResults &all, const Segment &segment, bool is_first) {
    if (segment.has_pair()) {
        all.results.push_back(segment.result());
    } else if (is_first) {
        all.authority = segment.first_word();
    }
}

void take_better(std::optional<MethodResult> &kept, const MethodResult &offered) {
    if (!kept || (kept->result != "pass" && offered.result == "pass")) {
        kept = offered;
    }
}

}  // namespace

AuthenticationResults parse_authentication_results(std::string_view value) {
    AuthenticationResults all;
    Lexer lexer(value);
    Segment segment;
    bool is_first = true;
    for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
        if (token.kind != TokenKind::kSymbol || token.text != ";") {
            segment.add(token);
            continue;
        }
        keep(all, segment, is_first);
        segment = Segment();
        is_first = false;
        if (all.results.size() == kMostResults) {
            return all;
        }
    }
    keep(all, segment, is_first);
    return all;
}

std::optional<Verdicts> judge_authentication(const std::vector<std::string> &headers,
                                             std::string_view authority) {
    std::optional<Verdicts> verdicts;
    std::string trusted = lower(authority);
    for (const std::string &header : headers) {
        const AuthenticationResults parsed = parse_authentication_results(header);
        if (!verdicts) {
            if (!trusted.empty() && parsed.authority != trusted) {
                continue;
            }
            trusted = parsed.authority;
            verdicts = Verdicts{parsed.authority, {}, {}, {}};
        } else if (parsed.authority != trusted) {
            break;
        }
        for (const MethodResult &result : parsed.results) {
            if (result.method == "spf" && !verdicts->spf) {
                verdicts->spf = result;
            } else if (result.method == "dkim") {
                take_better(verdicts->dkim, result);
            } else if (result.method == "dmarc" && !verdicts->dmarc) {
                verdicts->dmarc = result;
            }
        }
    }
    return verdicts;
}

}  // namespace mail_relay::roundtrip
