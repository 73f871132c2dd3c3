#include "common/failure_codes.h"

#include <array>

namespace mail_relay {
namespace {

using enum FailureClass;

/// A DSN status without its first number, and what it tells in the words of this host or of a
/// server.
struct StatusRule {
    std::string_view detail;
    FailureClass here;
    FailureClass there;
};

// X.7.0 and X.7.1 are missing: they are said of anything.
constexpr auto kStatusRules = std::to_array<StatusRule>({
    {"1.0", kRecipientRejected, kRecipientRejected},
    {"1.1", kRecipientRejected, kRecipientRejected},
    {"1.2", kResolve, kRecipientRejected},
    {"1.3", kRecipientRejected, kRecipientRejected},
    {"1.4", kRecipientRejected, kRecipientRejected},
    {"1.6", kRecipientRejected, kRecipientRejected},
    {"1.7", kSenderRejected, kSenderRejected},
    {"1.8", kSenderRejected, kSenderRejected},
    {"1.10", kRecipientRejected, kRecipientRejected},
    {"2.0", kLocalDataError, kRecipientRejected},
    {"2.1", kRecipientRejected, kRecipientRejected},
    {"2.2", kMailboxFull, kMailboxFull},
    {"2.3", kMessageTooLarge, kMessageTooLarge},
    {"3.0", kLocalDataError, kServerError},
    {"3.1", kLocalDataError, kServerError},
    {"3.2", kLocalDataError, kServerError},
    {"3.4", kMessageTooLarge, kMessageTooLarge},
    {"3.5", kLocalDataError, kServerError},
    {"4.1", kUnreachable, kServerError},
    {"4.2", kLostConnection, kLostConnection},
    {"4.3", kResolve, kServerError},
    {"4.4", kResolve, kServerError},
    {"4.5", kServerError, kServerError},
    {"4.6", kLoop, kLoop},
    {"4.7", kTimeout, kServerError},
    {"5.3", kRateLimited, kRateLimited},
    {"6.0", kContentRejected, kContentRejected},
    {"7.4", kTlsNotOffered, kTlsNotOffered},
    {"7.5", kTlsVerify, kTlsVerify},
    {"7.8", kAuthFailed, kAuthFailed},
    {"7.20", kOther, kReputation},
    {"7.23", kOther, kReputation},
    {"7.25", kOther, kReputation},
    {"7.26", kOther, kReputation},
    {"7.27", kOther, kReputation},
    {"7.28", kOther, kRateLimited},
    {"7.29", kOther, kTlsNotOffered},
    {"7.30", kOther, kReputation},
    {"7.40", kOther, kReputation},
});

FailureClass failure_by_status(std::string_view status, bool there) {
    if (status.size() < 2) {
        return kOther;
    }
    for (const StatusRule &rule : kStatusRules) {
        if (status.substr(2) == rule.detail) {
            return there ? rule.there : rule.here;
        }
    }
    return kOther;
}

/// What a reply code says alone.
FailureClass failure_by_reply_code(int code) {
    switch (code) {
        case 530:
            return kAuthRequired;
        case 535:
            return kAuthFailed;
        case 551:
            return kRecipientRejected;
        case 552:
            return kMailboxFull;
        default:
            return kOther;
    }
}

FailureClass failure_by_step(SmtpStep step) {
    switch (step) {
        case SmtpStep::kConnect:
            return kReputation;
        case SmtpStep::kAuth:
            return kAuthFailed;
        case SmtpStep::kMailFrom:
            return kSenderRejected;
        case SmtpStep::kRcptTo:
            return kRecipientRejected;
        case SmtpStep::kData:
            return kContentRejected;
        case SmtpStep::kUnknown:
            break;
    }
    return kOther;
}

}  // namespace

FailureClass failure_by_code(const FailureWords &text, std::string_view dsn_status) {
    const bool there = text.reply_code != 0;
    const std::string_view status = text.status.empty() ? dsn_status : text.status;
    const FailureClass by_status = failure_by_status(status, there);
    if (by_status != kOther || !there) {
        return by_status;
    }
    const FailureClass by_reply = failure_by_reply_code(text.reply_code);
    if (by_reply != kOther) {
        return by_reply;
    }
    if (text.reply_code >= 500 && text.step != SmtpStep::kUnknown) {
        return failure_by_step(text.step);
    }
    if (status.size() > 3 && status.substr(1, 3) == ".7.") {
        return kReputation;
    }
    return text.reply_code < 500 ? kServerError : kOther;
}

}  // namespace mail_relay
