#include "special_agent/imap_session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <utility>

namespace mail_relay::roundtrip {

namespace {

// Answers to one command; a server that says more talks without end.
constexpr std::size_t kMostReplies = 50'000;
constexpr std::size_t kMostBytes = 16'000'000;

std::optional<std::uint32_t> number_of(const ImapValue &value) {
    const auto number = value.number();
    return number && *number <= std::numeric_limits<std::uint32_t>::max()
               ? std::optional(static_cast<std::uint32_t>(*number))
               : std::nullopt;
}

// "UIDVALIDITY 7" in brackets behind OK.
std::optional<std::uint32_t> number_of_code(std::string_view code, std::string_view name) {
    if (!code.starts_with(name) || code.size() <= name.size() || code[name.size()] != ' ') {
        return std::nullopt;
    }
    ImapValue value;
    value.kind = ImapValue::Kind::kAtom;
    value.text = code.substr(name.size() + 1);
    return number_of(value);
}

// "* 4 FETCH (UID 9 INTERNALDATE "..." BODY[...] {..})"; empty without a UID.
std::optional<ImapMessage> read_message(const ImapReply &reply) {
    if (reply.values.size() < 3 || !reply.values[1].is("FETCH")) {
        return std::nullopt;
    }
    ImapMessage message;
    const auto &items = reply.values[2].items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto &value = items[i + 1];
        if (items[i].is("UID")) {
            message.uid = number_of(value).value_or(0);
        } else if (items[i].is("INTERNALDATE")) {
            message.internal_date = parse_internal_date(value.text);
        } else if (items[i].text.starts_with("BODY[") || items[i].text.starts_with("body[")) {
            message.body = value.text;
        }
    }
    return message.uid != 0 ? std::optional(std::move(message)) : std::nullopt;
}

void note_status_items(const std::vector<ImapValue> &items, ImapFolder &folder) {
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto number = items[i + 1].number().value_or(0);
        if (items[i].is("MESSAGES")) {
            folder.messages = number;
        } else if (items[i].is("UIDNEXT")) {
            folder.uid_next = number_of(items[i + 1]).value_or(0);
        } else if (items[i].is("UIDVALIDITY")) {
            folder.uid_validity = number_of(items[i + 1]).value_or(0);
        }
    }
}

}  // namespace

ImapAnswer ImapSession::lost(std::string_view error) const {
    return {ImapAnswer::Kind::kLost, "", farewell_, std::string(error)};
}

void ImapSession::note(const ImapReply &reply) {
    if (reply.status == "BYE") {
        farewell_ = session_.presentable(reply.words());
    } else if (reply.values.size() == 2 && reply.values[1].is("EXISTS")) {
        messages_ = reply.values[0].number().value_or(messages_);
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
        return lost("the connection is lost");
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
            return {kind, reply->code, session_.presentable(reply->words()), ""};
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

ImapAnswer ImapSession::open_folder(std::string_view verb, std::string_view name,
                                    ImapFolder &folder, Deadline deadline) {
    const auto quoted = quote_imap_string(name);
    if (!quoted) {
        return {ImapAnswer::Kind::kBad, "", "", quoted.error().message()};
    }
    messages_ = 0;
    auto answer = command(
        fmt::format("{} {}", verb, *quoted),
        [&](const ImapReply &reply) {
            if (const auto number = number_of_code(reply.code, "UIDVALIDITY")) {
                folder.uid_validity = *number;
            }
            if (const auto number = number_of_code(reply.code, "UIDNEXT")) {
                folder.uid_next = *number;
            }
        },
        deadline);
    folder.messages = messages_;
    folder.read_only = answer.code == "READ-ONLY";
    return answer;
}

ImapAnswer ImapSession::ask_status(std::string_view name, ImapFolder &folder, Deadline deadline) {
    const auto quoted = quote_imap_string(name);
    if (!quoted) {
        return {ImapAnswer::Kind::kBad, "", "", quoted.error().message()};
    }
    return command(
        fmt::format("STATUS {} (MESSAGES UIDNEXT UIDVALIDITY)", *quoted),
        [&](const ImapReply &reply) {
            if (reply.values.size() >= 3 && reply.values[0].is("STATUS")) {
                note_status_items(reply.values.back().items, folder);
            }
        },
        deadline);
}

ImapAnswer ImapSession::search(std::string_view criteria, std::vector<std::uint32_t> &uids,
                               Deadline deadline) {
    return command(
        fmt::format("UID SEARCH {}", criteria),
        [&](const ImapReply &reply) {
            if (reply.values.empty() || !reply.values[0].is("SEARCH")) {
                return;
            }
            for (const auto &value : reply.values) {
                const auto uid = number_of(value);
                if (uid && uids.size() < ImapReader::kMostValues) {
                    uids.push_back(*uid);
                }
            }
        },
        deadline);
}

ImapAnswer ImapSession::fetch(std::string_view set, std::string_view section,
                              const std::function<void(ImapMessage)> &on_message,
                              Deadline deadline) {
    return command(
        fmt::format("UID FETCH {} (UID INTERNALDATE BODY.PEEK{})", set, section),
        [&](const ImapReply &reply) {
            if (auto message = read_message(reply)) {
                on_message(std::move(*message));
            }
        },
        deadline);
}

void ImapSession::log_out(Deadline deadline) {
    if (!lost_) {
        lost_ = true;
        (void)session_.send(fmt::format("r{} LOGOUT\r\n", ++last_tag_), deadline);
    }
}

std::string imap_set(const std::vector<std::uint32_t> &uids) {
    return fmt::format("{}", fmt::join(uids, ","));
}

}  // namespace mail_relay::roundtrip
