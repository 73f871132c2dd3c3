#include "special_agent/submission.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "common/deadline.h"
#include "common/smtp_endpoint.h"

namespace mail_relay::roundtrip {

namespace {

using Clock = std::chrono::steady_clock;

// What ends a step that has no better explanation in the server's words.
FailureClass usual_class(std::string_view phase, int code) {
    if (code < 500) {
        return FailureClass::kServerError;
    }
    return phase == "mail"   ? FailureClass::kSenderRejected
           : phase == "rcpt" ? FailureClass::kRecipientRejected
                             : FailureClass::kContentRejected;
}

Failure refused(std::string_view phase, std::string_view command, const SmtpReply &reply) {
    const auto kind = classify_failure(reply.text, "");
    return {std::string(phase),
            kind == FailureClass::kOther ? usual_class(phase, reply.code) : kind,
            fmt::format("the server refused {}: {}", command, reply.text), reply.text};
}

Failure lost(std::string_view phase, std::string_view command, const Error &error) {
    return {std::string(phase), FailureClass::kLostConnection,
            fmt::format("{}: {}", command, error.message()), std::nullopt};
}

// One command that has to be answered by a code of that hundred; empty if it was.
std::optional<Failure> say(MailSession &session, std::string_view phase, std::string_view command,
                           int hundred, Deadline deadline) {
    const auto reply = smtp_command(session, command, deadline);
    if (!reply) {
        return lost(phase, command, reply.error());
    }
    return reply->code / 100 == hundred ? std::nullopt
                                        : std::optional(refused(phase, command, *reply));
}

// RFC 5321 section 4.5.2: a line that begins with a dot gets another one.
std::string with_dots_doubled(std::string_view mail) {
    std::string text;
    bool at_line_begin = true;
    for (const char c : mail) {
        if (at_line_begin && c == '.') {
            text += '.';
        }
        text += c;
        at_line_begin = c == '\n';
    }
    return text.ends_with("\r\n") || text.empty() ? text : text + "\r\n";
}

std::optional<Failure> hand_over(MailSession &session, std::string_view mail,
                                 SubmissionObservation &seen, Deadline deadline) {
    if (const auto sent = session.send(with_dots_doubled(mail), deadline); !sent) {
        return lost("data", "sending the mail", sent.error());
    }
    // From here on the server may have the whole mail.
    seen.submitted = Submitted::kUnknown;
    if (const auto sent = session.send(".\r\n", deadline); !sent) {
        return lost("accept", "end of the mail", sent.error());
    }
    const auto reply = read_smtp_reply(session, deadline);
    if (!reply) {
        return lost("accept", "end of the mail", reply.error());
    }
    seen.submitted = reply->code / 100 == 2 ? Submitted::kYes : Submitted::kNo;
    if (seen.submitted == Submitted::kNo) {
        return refused("accept", "the mail", *reply);
    }
    seen.queued_as = reply->text;
    return std::nullopt;
}

std::optional<Failure> converse(MailSession &session, const SubmissionRequest &request,
                                std::string_view mail, SubmissionObservation &seen,
                                Deadline deadline) {
    const auto from = fmt::format("MAIL FROM:<{}>", request.from);
    const auto to = fmt::format("RCPT TO:<{}>", request.to);
    auto failure = say(session, "mail", from, 2, deadline);
    if (!failure) {
        failure = say(session, "rcpt", to, 2, deadline);
    }
    if (!failure) {
        failure = say(session, "data", "DATA", 3, deadline);
    }
    return failure ? failure : hand_over(session, mail, seen, deadline);
}

}  // namespace

SubmissionObservation submit(const SubmissionRequest &request, std::string_view mail,
                             Deadline deadline) {
    const auto begin = Clock::now();
    SubmissionObservation seen;
    MailSession session(request.session, deadline);
    seen.session = session.observation();
    if (!session.ready()) {
        return seen;
    }
    const auto ready = Clock::now();
    seen.session.failure = converse(session, request, mail, seen, deadline);
    if (!seen.session.failure) {
        seen.accept_s = seconds_since(ready);
    }
    seen.session.phases.total_s = seconds_since(begin);
    // Said, but not waited for: the mail has its answer.
    (void)session.send("QUIT\r\n", deadline);
    return seen;
}

RelayAnswer ask_open_relay(const SessionRequest &request, const RelayQuestion &question,
                           Deadline deadline) {
    RelayAnswer answer;
    auto as_a_stranger = request;
    as_a_stranger.credentials.reset();
    MailSession session(as_a_stranger, deadline);
    if (!session.ready()) {
        answer.failure = session.observation().failure;
        answer.reply = answer.failure->reply;
        return answer;
    }
    const std::array<std::pair<const char *, std::string>, 2> steps{
        {{"mail", fmt::format("MAIL FROM:<{}>", question.from)},
         {"rcpt", fmt::format("RCPT TO:<{}>", question.to)}}};
    for (const auto &[step, command] : steps) {
        const auto reply = smtp_command(session, command, deadline);
        if (!reply) {
            answer.failure = lost(step, command, reply.error());
            return answer;
        }
        answer.step = step;
        answer.reply = reply->text;
        if (reply->code / 100 != 2) {
            // "Not now" (greylisting, say) is no answer to the question.
            answer.kind =
                reply->code / 100 == 5 ? RelayAnswer::Kind::kRefused : RelayAnswer::Kind::kUnknown;
            break;
        }
        if (answer.step == "rcpt") {
            answer.kind = RelayAnswer::Kind::kAccepted;
        }
    }
    (void)session.send("RSET\r\nQUIT\r\n", deadline);
    return answer;
}

}  // namespace mail_relay::roundtrip
