#include "special_agent/imap_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/ascii.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::array<std::string_view, 5> kStatuses{"OK", "NO", "BAD", "BYE", "PREAUTH"};

std::string_view take_until(std::string_view &rest, char end) {
    const auto word = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    return word;
}

std::string_view status_of(std::string_view word) {
    for (const auto status : kStatuses) {
        if (same_word(word, status)) {
            return status;
        }
    }
    return "";
}

// Reads the values of an answer from the front of its text.
class ValueReader {
  public:
    explicit ValueReader(std::string_view text) : rest_(text) {}

    Result<std::vector<ImapValue>> read_all() {
        std::vector<ImapValue> values;
        if (auto read = read_list(values, 0, '\0'); !read) {
            return read.error();
        }
        return values;
    }

  private:
    Result<void> read_list(std::vector<ImapValue> &values, int depth, char end) {
        if (depth > ImapLimits::kDepth) {
            return failed("IMAP answer nested more than {} deep", ImapLimits::kDepth);
        }
        for (;;) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
            if (rest_.empty()) {
                return end == '\0' ? Result<void>() : failed("IMAP list without end");
            }
            if (rest_.front() == ')') {
                rest_.remove_prefix(1);
                return end == ')' ? Result<void>() : failed("IMAP list without begin");
            }
            if (++count_ > ImapLimits::kValues) {
                return failed("IMAP answer of more than {} values", ImapLimits::kValues);
            }
            if (auto read = read_value(values.emplace_back(), depth); !read) {
                return read.error();
            }
        }
    }

    Result<void> read_value(ImapValue &value, int depth) {
        switch (rest_.front()) {
            case '(':
                rest_.remove_prefix(1);
                value.kind = ImapValue::Kind::kList;
                return read_list(value.items, depth + 1, ')');
            case '"':
                value.kind = ImapValue::Kind::kString;
                return read_quoted(value.text);
            case '{':
                value.kind = ImapValue::Kind::kString;
                return read_literal(value.text);
            default:
                return read_atom(value);
        }
    }

    Result<void> read_quoted(std::string &text) {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return {};
            }
            i += rest_[i] == '\\' ? 1 : 0;
            if (i == rest_.size() || rest_[i] == '\r' || rest_[i] == '\n') {
                break;
            }
            text += rest_[i];
        }
        return failed("IMAP string without end");
    }

    Result<void> read_literal(std::string &text) {
        const auto line = rest_.substr(0, rest_.find('\r'));
        const auto digits = announced_literal(line);
        const auto size = digits ? parse_imap_number(*digits) : std::nullopt;
        if (!size || *size > ImapLimits::kLiteral || line.size() + 2 + *size > rest_.size()) {
            return failed("malformed IMAP literal");
        }
        text = rest_.substr(line.size() + 2, *size);
        rest_.remove_prefix(line.size() + 2 + *size);
        return {};
    }

    // "BODY[HEADER.FIELDS (A B)]<0>" is one atom: in brackets everything goes.
    Result<void> read_atom(ImapValue &value) {
        std::size_t end = 0;
        for (; end < rest_.size(); ++end) {
            if (rest_[end] == '[') {
                end = rest_.find(']', end);
                if (end == std::string_view::npos) {
                    return failed("IMAP section without end");
                }
            } else if (rest_[end] == ' ' || rest_[end] == '(' || rest_[end] == ')' ||
                       rest_[end] == '"' || rest_[end] == '{') {
                break;
            }
        }
        const auto word = rest_.substr(0, end);
        if (std::any_of(word.begin(), word.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
            return failed("control character in an IMAP answer");
        }
        value.kind = same_word(word, "NIL") ? ImapValue::Kind::kNil : ImapValue::Kind::kAtom;
        value.text = word;
        rest_.remove_prefix(end);
        return {};
    }

    std::string_view rest_;
    std::size_t count_ = 0;
};

}  // namespace

bool ImapValue::is(std::string_view word) const {
    return kind == Kind::kAtom && same_word(text, word);
}

std::optional<std::uint64_t> ImapValue::number() const {
    return kind == Kind::kAtom ? parse_imap_number(text) : std::nullopt;
}

std::string ImapReply::words() const {
    return fmt::format("{}{}{}{}{}", status, code.empty() ? "" : " [", code,
                       code.empty() ? "" : "]", text.empty() ? "" : " " + text);
}

std::optional<std::uint64_t> parse_imap_number(std::string_view digits) {
    std::uint64_t number = 0;
    const char *end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, number);
    return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

bool has_free_text(std::string_view line) {
    const auto tag = take_until(line, ' ');
    return tag == "+" || !status_of(line.substr(0, line.find(' '))).empty();
}

std::optional<std::string_view> announced_literal(std::string_view line) {
    const auto open = line.rfind('{');
    if (!line.ends_with('}') || open == std::string_view::npos) {
        return std::nullopt;
    }
    auto digits = line.substr(open + 1, line.size() - open - 2);
    digits.remove_suffix(digits.ends_with('+') ? 1 : 0);
    const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
    return number ? std::optional(digits) : std::nullopt;
}

Result<ImapReply> parse_imap_reply(std::string_view reply) {
    ImapReply parsed;
    auto rest = reply;
    parsed.tag = take_until(rest, ' ');
    if (parsed.tag.empty()) {
        return failed("IMAP answer without a tag");
    }
    if (parsed.tag == "+") {
        parsed.text = rest;
        return parsed;
    }
    if (const auto status = status_of(rest.substr(0, rest.find(' '))); !status.empty()) {
        parsed.status = status;
        take_until(rest, ' ');
        if (rest.starts_with('[') && rest.find(']') != std::string_view::npos) {
            rest.remove_prefix(1);
            parsed.code = take_until(rest, ']');
            rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        }
        parsed.text = rest;
        return parsed;
    }
    if (parsed.tag != "*") {
        return failed("IMAP answer to a command without OK, NO or BAD");
    }
    auto values = ValueReader(rest).read_all();
    if (!values) {
        return values.error();
    }
    parsed.values = std::move(*values);
    return parsed;
}

Result<std::string> quote_imap_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c < ' ' || c > '~') {
            return failed("not to be said in IMAP: a line end or a byte beyond ASCII");
        }
        quoted += c == '"' || c == '\\' ? "\\" : "";
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace mail_relay::roundtrip
