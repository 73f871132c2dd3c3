#include "special_agent/imap_session.h"

#include <fmt/format.h>

#include <utility>

namespace mail_relay::roundtrip {

namespace {

// Answers to one command; a server that says more talks without end.
constexpr std::size_t kMostReplies = 50'000;
constexpr std::size_t kMostBytes = 16'000'000;

// Source of the codes: RFC 5530, RFC 9208, and THROTTLED of Exchange Online and Yahoo.
FailureClass class_of_refusal(const ImapAnswer &answer) {
    const auto code = std::string_view(answer.code).substr(0, answer.code.find(' '));
    if (code == "THROTTLED" || code == "LIMIT") {
        return FailureClass::kRateLimited;
    }
    if (code == "OVERQUOTA") {
        return FailureClass::kMailboxFull;
    }
    if (code == "UNAVAILABLE" || code == "INUSE" || code == "SERVERBUG") {
        return FailureClass::kServerError;
    }
    if (code == "AUTHENTICATIONFAILED" || code == "AUTHORIZATIONFAILED" || code == "EXPIRED") {
        return FailureClass::kAuthFailed;
    }
    if (code == "NONEXISTENT" || code == "NOPERM" || code == "CANNOT") {
        return FailureClass::kOther;  // its words would pass for those about a recipient
    }
    return classify_failure(answer.words, "");
}

}  // namespace

ImapAnswer ImapSession::lost(std::string_view error) {
    lost_because_ = error;
    return {ImapAnswer::Kind::kLost, "", farewell_, lost_because_};
}

void ImapSession::note(const ImapReply &reply) {
    if (reply.status == "BYE") {
        farewell_ = presentable(reply.words());
    } else if (reply.values.size() == 2 && reply.values[1].is("EXISTS")) {
        const auto messages = reply.values[0].number().value_or(messages_);
        arrivals_ += messages > messages_ ? messages - messages_ : 0;
        messages_ = messages;
    } else if (reply.values.size() == 2 && reply.values[1].is("EXPUNGE") && messages_ > 0) {
        --messages_;
    }
}

Result<ImapReply> ImapSession::next_reply(Deadline deadline) {
    for (;;) {
        auto reply = reader_.next();
        if (!reply) {
            return reply.error();
        }
        if (*reply) {
            return std::move(**reply);
        }
        const auto piece = session_.receive(deadline);
        if (!piece) {
            return piece.error();
        }
        reader_.feed(*piece);
    }
}

ImapAnswer ImapSession::command(std::string_view text, const OnReply &on_reply, Deadline deadline) {
    if (lost_) {
        return {ImapAnswer::Kind::kLost, "", farewell_, lost_because_};
    }
    const auto tag = fmt::format("r{}", ++last_tag_);
    lost_ = true;  // unless the command comes to its end
    if (const auto sent = session_.send(fmt::format("{} {}\r\n", tag, text), deadline); !sent) {
        return lost(sent.error().message());
    }
    std::size_t bytes = 0;
    for (std::size_t count = 0; count < kMostReplies && bytes < kMostBytes; ++count) {
        const auto reply = next_reply(deadline);
        if (!reply) {
            return lost(reply.error().message());
        }
        if (reply->tag == tag) {
            lost_ = false;
            const auto kind = reply->status == "OK"   ? ImapAnswer::Kind::kOk
                              : reply->status == "NO" ? ImapAnswer::Kind::kNo
                                                      : ImapAnswer::Kind::kBad;
            return {kind, reply->code, presentable(reply->words()), ""};
        }
        if (reply->tag != "*") {
            return lost("the server answered what was not asked");
        }
        for (const auto &value : reply->values) {
            bytes += value.text.size() + 100 * value.items.size();
        }
        note(*reply);
        if (on_reply) {
            on_reply(*reply);
        }
    }
    return lost("the server talks without end");
}

void ImapSession::log_out(Deadline deadline) {
    if (!lost_) {
        lost_ = true;
        lost_because_ = "logged out";
        (void)session_.send(fmt::format("r{} LOGOUT\r\n", ++last_tag_), deadline);
    }
}

Failure explain_answer(std::string_view phase, std::string_view what, const ImapAnswer &answer) {
    const bool is_lost = answer.kind == ImapAnswer::Kind::kLost;
    return {
        std::string(phase),
        is_lost && answer.words.empty() ? FailureClass::kLostConnection : class_of_refusal(answer),
        fmt::format("{}: {}", what, answer.error.empty() ? answer.words : answer.error),
        answer.words.empty() ? std::nullopt : std::optional(answer.words)};
}

}  // namespace mail_relay::roundtrip
