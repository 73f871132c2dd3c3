#include "common/failure_words.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/ascii.h"

namespace mail_relay {
namespace {

constexpr std::size_t kTextLimit = 4096;
constexpr std::string_view kStepLead = "(in reply to ";
constexpr std::string_view kSuspended = "delivery temporarily suspended: ";

constexpr CharacterSet kQuotes("'\"`");
constexpr CharacterSet kAddressEnds("<>()[],;:'\"`");

constexpr bool ends_address(char c) {
    return is_blank(c) || kAddressEnds.contains(c);
}

/// Length of "550" at the start of `text` when it stands there as a reply code, else 0.
std::size_t reply_code_length(std::string_view text) {
    const bool code = text.size() >= 3 && (text[0] == '2' || text[0] == '4' || text[0] == '5') &&
                      is_digit(text[1]) && is_digit(text[2]) &&
                      (text.size() == 3 || is_blank(text[3]) || text[3] == '-');
    return code ? 3 : 0;
}

/// Length of an enhanced status code ("5.7.26") at the start of `text`, else 0.
std::size_t status_length(std::string_view text) {
    if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5')) {
        return 0;
    }
    std::size_t at = 1;
    for (int part = 0; part < 2; ++part) {
        if (at >= text.size() || text[at] != '.') {
            return 0;
        }
        const std::size_t first = ++at;
        while (at < text.size() && at - first < 3 && is_digit(text[at])) {
            ++at;
        }
        if (at == first) {
            return 0;
        }
    }
    if (at < text.size() && (is_digit(text[at]) || is_letter(text[at]))) {
        return 0;
    }
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
        return 0;
    }
    return at;
}

/// What stands in brackets: "host" for an IPv4 address, "host6" for IPv6, "" for anything else.
std::string_view host_word(std::string_view inside) {
    if (inside.starts_with("IPv6:")) {
        inside.remove_prefix(5);
    }
    const std::size_t end = inside.find_first_not_of("0123456789abcdefABCDEF:.");
    if (inside.empty() || (end != std::string_view::npos && inside[end] != '%')) {
        return "";
    }
    if (inside.find(':') != std::string_view::npos) {
        return "host6";
    }
    return std::count(inside.begin(), inside.end(), '.') == 3 ? "host" : "";
}

SmtpStep step_before(std::string_view lead) {
    if (lead.ends_with("refused to talk to me: ")) {
        return SmtpStep::kConnect;
    }
    return lead.find("authentication failed; server") != std::string_view::npos
               ? SmtpStep::kAuth
               : SmtpStep::kUnknown;
}

SmtpStep step_of(std::string_view command) {
    if (command.starts_with("mail from")) {
        return SmtpStep::kMailFrom;
    }
    if (command.starts_with("rcpt to")) {
        return SmtpStep::kRcptTo;
    }
    if (command.starts_with("data") || command.starts_with("end of data")) {
        return SmtpStep::kData;
    }
    return SmtpStep::kUnknown;
}

class TextReader {
  public:
    explicit TextReader(std::string_view text) : text_(text.substr(0, kTextLimit)) {
        if (text_.starts_with(kSuspended)) {
            text_.remove_prefix(kSuspended.size());
        }
        result_.words.reserve(text_.size() + 8);
    }

    FailureWords read() && {
        while (at_ < text_.size()) {
            take();
        }
        take_step();
        return std::move(result_);
    }

  private:
    std::string &words() { return result_.words; }

    /// Which command the server answered, as Postfix writes it behind the reply.
    void take_step() {
        const std::size_t at = words().rfind(kStepLead);
        if (at == std::string::npos) {
            return;
        }
        const SmtpStep step = step_of(std::string_view(words()).substr(at + kStepLead.size()));
        if (step != SmtpStep::kUnknown) {
            result_.step = step;
        }
        words().resize(at);
    }

    void blank() {
        if (!words().empty() && words().back() != ' ') {
            words() += ' ';
        }
        ++at_;
    }

    bool at_word_start() const {
        const std::string &so_far = result_.words;
        return so_far.empty() || so_far.back() == ' ' || so_far.back() == '#' ||
               so_far.back() == '(' || so_far.back() == ';';
    }

    void take() {
        const char c = text_[at_];
        if (is_blank(c)) {
            blank();
        } else if (!is_ascii(c) || c == '?') {
            take_foreign();
        } else if (c == '@') {
            take_address();
        } else if (kQuotes.contains(c) || (c == '-' && follows_lone_e())) {
            ++at_;
        } else if (!take_code() && !take_host()) {
            words() += to_lower(c);
            ++at_;
        }
    }

    /// Other alphabets, and the '?' that Postfix prints for them and for line ends.
    void take_foreign() {
        const std::size_t start = at_;
        while (at_ < text_.size() && (!is_ascii(text_[at_]) || text_[at_] == '?')) {
            ++at_;
        }
        const std::string_view run = text_.substr(start, at_ - start);
        // Typographic quotation marks are quotes like any other.
        if (run.size() == 3 && run.starts_with("\xe2\x80")) {
            return;
        }
        if (run == "?" && reply_code_length(text_.substr(at_)) > 0) {
            --at_;
            return blank();
        }
        words() += '?';
    }

    /// A reply or status code at the start of a word.
    bool take_code() {
        if (!is_digit(text_[at_]) || !at_word_start()) {
            return false;
        }
        const std::string_view rest = text_.substr(at_);
        if (reply_code_length(rest) > 0 && take_reply_code(rest)) {
            return true;
        }
        const std::size_t length = status_length(rest);
        if (length == 0) {
            return false;
        }
        if (result_.status.empty()) {
            result_.status = rest.substr(0, length);
        }
        words() += rest.substr(0, length);
        at_ += length;
        return true;
    }

    bool take_reply_code(std::string_view rest) {
        const int code = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
        if (code == result_.reply_code) {
            at_ += std::min<std::size_t>(4, rest.size());
            skip_repeated_status();
            return true;
        }
        if (result_.reply_code != 0 || !starts_reply()) {
            return false;
        }
        result_.reply_code = code;
        if (words().ends_with("said: ") || words().ends_with("refused to talk to me: ")) {
            result_.step = step_before(words());
            words().clear();
        }
        words() += rest.substr(0, 3);
        at_ += 3;
        blank();
        return true;
    }

    bool starts_reply() const {
        const std::string_view so_far = result_.words;
        return so_far.empty() || so_far.ends_with(": ") || so_far.ends_with("smtp;") ||
               so_far.ends_with("smtp; ");
    }

    void skip_repeated_status() {
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
        const std::string_view rest = text_.substr(at_);
        if (!result_.status.empty() && rest.starts_with(result_.status)) {
            at_ += status_length(rest);
        }
    }

    std::size_t token_start() const {
        std::size_t start = result_.words.size();
        // Some servers write "refused...user@example.org".
        while (start > 0 && !ends_address(result_.words[start - 1]) &&
               !(start > 1 && result_.words.compare(start - 2, 2, "..") == 0)) {
            --start;
        }
        return start;
    }

    void take_address() {
        words().resize(token_start());
        words() += '@';
        while (at_ < text_.size() && !ends_address(text_[at_])) {
            ++at_;
        }
    }

    /// In "e-mail": the word is "email" with every other spelling.
    bool follows_lone_e() const {
        const std::string_view so_far = result_.words;
        return so_far == "e" || so_far.ends_with(" e");
    }

    /// "name[address]:port" or "[address]:port".
    bool take_host() {
        if (text_[at_] != '[') {
            return false;
        }
        const std::string_view rest = text_.substr(at_, 80);
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos) {
            return false;
        }
        const std::string_view word = host_word(rest.substr(1, close - 1));
        if (word.empty()) {
            return false;
        }
        words().resize(token_start());
        words() += word;
        at_ += close + 1;
        if (at_ + 1 < text_.size() && text_[at_] == ':' && is_digit(text_[at_ + 1])) {
            ++at_;
            while (at_ < text_.size() && is_digit(text_[at_])) {
                ++at_;
            }
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    FailureWords result_;
};

}  // namespace

bool said_there(Said said, const FailureWords &text) {
    switch (said) {
        case Said::kAnywhere:
            return true;
        case Said::kHere:
            return text.reply_code == 0;
        case Said::kThere:
            return text.reply_code != 0;
        case Said::kAtMailFrom:
            return text.step == SmtpStep::kMailFrom;
        case Said::kAtRcptTo:
            return text.step == SmtpStep::kRcptTo;
        case Said::kAtData:
            return text.step == SmtpStep::kData;
        case Said::kForNow:
            return text.reply_code >= 400 && text.reply_code < 500;
        case Said::kForGood:
            return text.reply_code >= 500;
    }
    return false;
}

FailureWords read_failure_words(std::string_view text) {
    return TextReader(text).read();
}

}  // namespace mail_relay
