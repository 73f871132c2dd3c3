#include "common/mail_dialogue.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "common/ascii.h"
#include "common/token_refusal.h"
#include "common/utf8.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostWords = 2048;
constexpr std::size_t kLongestLine = 500;
constexpr std::size_t kMostLines = 100;

double seconds(MailDialogue::Time begin, MailDialogue::Time end) {
    return std::chrono::duration<double>(end - begin).count();
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (auto &c : upper) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return upper;
}

bool begins_with_word(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && upper_case(text.substr(0, word.size())) == word &&
           (text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == '=' ||
            text[word.size()] == '\r' || text[word.size()] == '\n');
}

std::string_view take_word(std::string_view &rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    const auto word = rest.substr(0, rest.find_first_of(" \t\r\n"));
    rest.remove_prefix(word.size());
    return word;
}

bool is_reply_code(std::string_view line) {
    return line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2]);
}

void add_mechanism(std::vector<std::string> &mechanisms, std::string_view name) {
    auto upper = one_line(upper_case(name), kLongestLine);
    if (!upper.empty() && mechanisms.size() < kMostLines &&
        std::find(mechanisms.begin(), mechanisms.end(), upper) == mechanisms.end()) {
        mechanisms.push_back(std::move(upper));
    }
}

}  // namespace

MailDialogue::MailDialogue(MailProtocol protocol, TlsMode tls, Time begin)
    : protocol_(protocol), tls_(tls), step_begin_(begin) {}

void MailDialogue::begin_step(std::string_view phase, Time now) {
    phase_ = phase;
    step_begin_ = now;
    words_.clear();
    words_refuse_ = false;
}

void MailDialogue::connected(Time now) {
    if (connect_s_) {
        return;
    }
    connect_s_ = seconds(step_begin_, now);
    begin_step(tls_ == TlsMode::kImplicit ? "tls" : "greeting", now);
}

void MailDialogue::shook_hands(Time now) {
    if (tls_s_) {
        return;
    }
    // With STARTTLS the answer to the command is part of what encryption costs.
    tls_s_ = seconds(step_begin_, now);
    const bool greeted = banner_.has_value();
    begin_step(!greeted                           ? "greeting"
               : protocol_ == MailProtocol::kSmtp ? "ehlo"
                                                  : "capability",
               now);
}

void MailDialogue::sent(std::string_view text, Time now) {
    auto rest = text;
    if (protocol_ == MailProtocol::kImap) {
        const auto tag = take_word(rest);
        rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
        if (rest.empty() || rest == "\n") {
            return;  // a line of the log-in, not a command
        }
        tag_ = tag;
    }
    if (begins_with_word(rest, "HELO") && phase_ == "ehlo") {
        ehlo_lines_ = 0;
        words_are_old_ = true;  // what was said to EHLO may be the last word
    } else if (begins_with_word(rest, "EHLO") || begins_with_word(rest, "HELO")) {
        begin_step("ehlo", now);
        ehlo_lines_ = 0;
    } else if (begins_with_word(rest, "CAPABILITY")) {
        begin_step("capability", now);
    } else if (begins_with_word(rest, "STARTTLS")) {
        begin_step("starttls", now);
    } else if (begins_with_word(rest, "AUTH") || begins_with_word(rest, "AUTHENTICATE")) {
        take_word(rest);
        auth_mechanism_ = one_line(take_word(rest), kLongestLine);
        begin_step("auth", now);
    } else if (protocol_ == MailProtocol::kImap && begins_with_word(rest, "LOGIN")) {
        auth_mechanism_ = "LOGIN";
        begin_step("auth", now);
    }
}

void MailDialogue::received(std::string_view line, Time now) {
    if (std::exchange(words_are_old_, false)) {
        words_.clear();
    }
    if (words_.size() < kMostWords) {
        words_ += words_.empty() ? "" : " ";
        words_ += one_line(line, kLongestLine);
    }
    words_refuse_ = true;
    if (protocol_ == MailProtocol::kSmtp) {
        receive_smtp(line, now);
    } else {
        receive_imap(line, now);
    }
}

void MailDialogue::receive_smtp(std::string_view line, Time now) {
    if (!is_reply_code(line)) {
        return;
    }
    if (phase_ == "greeting" && !banner_) {
        banner_ = one_line(line, kLongestLine);
    }
    if (phase_ == "ehlo" && line[0] == '2') {
        note_ehlo_line(line);
    }
    if (line.size() > 3 && line[3] == '-') {
        return;
    }
    if (phase_ == "auth" && line[0] == '3') {
        hear_question(line.substr(std::min<std::size_t>(4, line.size())));
        return;
    }
    finish_step(line[0] == '2', now);
}

void MailDialogue::note_ehlo_line(std::string_view line) {
    if (ehlo_lines_++ == 0) {
        capabilities_.emplace();
        mechanisms_.emplace();
        starttls_offered_ = tls_s_ ? starttls_offered_ : false;
        return;  // the server's name
    }
    auto rest = line.substr(std::min<std::size_t>(4, line.size()));
    if (begins_with_word(rest, "STARTTLS")) {
        starttls_offered_ = true;
    }
    if (begins_with_word(rest, "AUTH")) {  // "AUTH=" is what some servers say to old clients
        rest.remove_prefix(std::min<std::size_t>(5, rest.size()));
        for (auto name = take_word(rest); !name.empty(); name = take_word(rest)) {
            add_mechanism(*mechanisms_, name);
        }
    } else if (capabilities_->size() < kMostLines) {
        capabilities_->push_back(one_line(rest, kLongestLine));
    }
}

void MailDialogue::receive_imap(std::string_view line, Time now) {
    if (const auto code = line.find("[CAPABILITY "); code != std::string_view::npos) {
        const auto words = line.substr(code + 12);
        note_capabilities(words.substr(0, words.find(']')));
    }
    auto rest = line;
    const auto first = take_word(rest);
    const auto status = upper_case(take_word(rest).substr(0, 10));
    if (first == "*") {
        if (status == "CAPABILITY") {
            note_capabilities(rest);
        }
        if (phase_ == "greeting") {
            banner_ = one_line(line, kLongestLine);
            finish_step(status == "OK" || status == "PREAUTH", now);
        }
        words_refuse_ = status == "BYE" || status == "NO" || status == "BAD";
    } else if (first == "+") {
        hear_question(line.substr(std::min<std::size_t>(2, line.size())));
    } else if (!tag_.empty() && first == tag_) {
        finish_step(status == "OK", now);
    }
}

void MailDialogue::note_capabilities(std::string_view words) {
    capabilities_.emplace();
    mechanisms_.emplace();
    bool starttls = false;
    for (auto word = take_word(words); !word.empty(); word = take_word(words)) {
        const auto upper = upper_case(word.substr(0, kLongestLine));
        starttls = starttls || upper == "STARTTLS";
        if (upper.starts_with("AUTH=")) {
            add_mechanism(*mechanisms_, std::string_view(upper).substr(5));
        } else if (capabilities_->size() < kMostLines) {
            capabilities_->push_back(one_line(upper, kLongestLine));
        }
    }
    starttls_offered_ = starttls_offered_ || (starttls && !tls_s_);
}

// In the log-in: the server wants to know more, or says in this way that it takes no such token.
void MailDialogue::hear_question(std::string_view question) {
    words_ = one_line(token_refusal(question), kLongestLine);
    words_refuse_ = !words_.empty();
}

void MailDialogue::finish_step(bool accepted, Time now) {
    words_refuse_ = !accepted;
    if (!accepted) {
        return;
    }
    if (phase_ == "greeting" && !greeting_s_) {
        greeting_s_ = seconds(step_begin_, now);
    } else if (phase_ == "ehlo") {
        ehlo_s_ = seconds(step_begin_, now);
    } else if (phase_ == "starttls") {
        starttls_accepted_ = true;
        phase_ = "tls";
    } else if (phase_ == "auth") {
        auth_s_ = seconds(step_begin_, now);
        authenticated_with_ = auth_mechanism_;
    }
}

std::string MailDialogue::refusal() const {
    return words_refuse_ ? words_ : "";
}

std::string one_line(std::string_view text, std::size_t limit) {
    std::string line;
    bool blank = false;
    while (!text.empty() && line.size() < limit) {
        if (text.front() == ' ' || text.front() == '\t' || text.front() == '\r' ||
            text.front() == '\n') {
            text.remove_prefix(1);
            blank = !line.empty();
            continue;
        }
        const auto before = text;
        const auto character = take_character(text);
        const bool shown = character && *character >= 0x20 && *character != 0x7F &&
                           !(*character >= 0x80 && *character < 0xA0);
        const auto bytes =
            shown ? before.substr(0, before.size() - text.size()) : std::string_view("?");
        if (line.size() + bytes.size() + (blank ? 1 : 0) > limit) {
            break;
        }
        line += blank ? " " : "";
        line += bytes;
        blank = false;
    }
    return line;
}

}  // namespace mail_relay
