#include "special_agent/imap_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "common/ascii.h"
#include "special_agent/mail_date.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kMostCapabilities = 100;

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

// "* 4 FETCH (UID 9 INTERNALDATE "..." BODY[...] {..})"; empty without a UID or a section: servers
// also tell of changed flags when they like.
std::optional<ImapMessage> read_message(const ImapReply &reply) {
    if (reply.values.size() < 3 || !reply.values[1].is("FETCH")) {
        return std::nullopt;
    }
    ImapMessage message;
    bool has_body = false;
    const auto &items = reply.values[2].items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto &value = items[i + 1];
        if (items[i].is("UID")) {
            message.uid = number_of(value).value_or(0);
        } else if (items[i].is("INTERNALDATE")) {
            message.internal_date = parse_mail_date(value.text);
        } else if (items[i].text.starts_with("BODY[") || items[i].text.starts_with("body[")) {
            message.body = value.text;
            has_body = true;
        }
    }
    return message.uid != 0 && has_body ? std::optional(std::move(message)) : std::nullopt;
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

// "STORAGE 10 512 MESSAGE 20 100". STORAGE counts units of 1024 bytes (RFC 9208).
void note_quota(const std::vector<ImapValue> &items, std::optional<MailboxQuota> &quota) {
    for (std::size_t i = 0; i + 2 < items.size(); i += 3) {
        const bool is_storage = items[i].is("STORAGE");
        const auto used = items[i + 1].number();
        const auto limit = items[i + 2].number();
        const std::uint64_t unit = is_storage ? 1024 : 1;
        const auto most = std::numeric_limits<std::uint64_t>::max() / unit;
        if (!used || !limit || *used > most || *limit > most ||
            (!is_storage && !items[i].is("MESSAGE"))) {
            continue;
        }
        auto &known = quota ? *quota : quota.emplace();
        (is_storage ? known.storage : known.messages) = QuotaUse{*used * unit, *limit * unit};
    }
}

// VERB "name" items. A name that cannot be said is as if the server had refused it.
ImapAnswer folder_command(ImapSession &imap, std::string_view verb, std::string_view name,
                          std::string_view items, const ImapSession::OnReply &on_reply,
                          Deadline deadline) {
    const auto quoted = quote_imap_string(name);
    if (!quoted) {
        return {ImapAnswer::Kind::kBad, "", "", quoted.error().message()};
    }
    return imap.command(fmt::format("{} {}{}", verb, *quoted, items), on_reply, deadline);
}

}  // namespace

ImapAnswer ask_capabilities(ImapSession &imap, std::vector<std::string> &capabilities,
                            Deadline deadline) {
    std::vector<std::string> told;
    auto answer = imap.command(
        "CAPABILITY",
        [&](const ImapReply &reply) {
            if (reply.values.empty() || !reply.values[0].is("CAPABILITY")) {
                return;
            }
            for (std::size_t i = 1; i < std::min(reply.values.size(), kMostCapabilities); ++i) {
                auto word = imap.presentable(reply.values[i].text);
                std::transform(word.begin(), word.end(), word.begin(), to_upper);
                if (!word.starts_with("AUTH=")) {
                    told.push_back(std::move(word));
                }
            }
        },
        deadline);
    if (answer.ok() && !told.empty()) {
        capabilities = std::move(told);
    }
    return answer;
}

ImapAnswer find_special_folder(ImapSession &imap, std::string_view use, bool extended,
                               std::string &name, Deadline deadline) {
    return imap.command(
        extended ? R"(LIST (SPECIAL-USE) "" "*")" : R"(LIST "" "*")",
        [&](const ImapReply &reply) {
            if (reply.values.size() < 4 || !reply.values[0].is("LIST")) {
                return;
            }
            const auto &flags = reply.values[1].items;
            if (std::any_of(flags.begin(), flags.end(),
                            [&](const ImapValue &flag) { return flag.is(use); })) {
                name = reply.values[3].text;
            }
        },
        deadline);
}

ImapAnswer open_folder(ImapSession &imap, std::string_view verb, std::string_view name,
                       ImapFolder &folder, Deadline deadline) {
    std::uint64_t messages = 0;
    auto answer = folder_command(
        imap, verb, name, "",
        [&](const ImapReply &reply) {
            if (reply.values.size() == 2 && reply.values[1].is("EXISTS")) {
                messages = reply.values[0].number().value_or(0);
            }
            if (const auto number = number_of_code(reply.code, "UIDVALIDITY")) {
                folder.uid_validity = *number;
            }
            if (const auto number = number_of_code(reply.code, "UIDNEXT")) {
                folder.uid_next = *number;
            }
        },
        deadline);
    folder.messages = messages;
    folder.read_only = answer.code == "READ-ONLY";
    return answer;
}

ImapAnswer ask_status(ImapSession &imap, std::string_view name, ImapFolder &folder,
                      Deadline deadline) {
    return folder_command(
        imap, "STATUS", name, " (MESSAGES UIDNEXT UIDVALIDITY)",
        [&](const ImapReply &reply) {
            if (reply.values.size() >= 3 && reply.values[0].is("STATUS")) {
                note_status_items(reply.values.back().items, folder);
            }
        },
        deadline);
}

ImapAnswer search(ImapSession &imap, std::string_view criteria, std::vector<std::uint32_t> &uids,
                  Deadline deadline) {
    auto answer = imap.command(
        fmt::format("UID SEARCH {}", criteria),
        [&](const ImapReply &reply) {
            if (reply.values.empty() || !reply.values[0].is("SEARCH")) {
                return;
            }
            for (const auto &value : reply.values) {
                const auto uid = number_of(value);
                if (uid && uids.size() < ImapLimits::kValues) {
                    uids.push_back(*uid);
                }
            }
        },
        deadline);
    std::sort(uids.begin(), uids.end());
    return answer;
}

ImapAnswer fetch(ImapSession &imap, std::string_view set, std::string_view section,
                 const std::function<void(ImapMessage)> &on_message, Deadline deadline) {
    return imap.command(
        fmt::format("UID FETCH {} (UID INTERNALDATE BODY.PEEK{})", set, section),
        [&](const ImapReply &reply) {
            if (auto message = read_message(reply)) {
                on_message(std::move(*message));
            }
        },
        deadline);
}

ImapAnswer ask_quota(ImapSession &imap, std::string_view name, std::optional<MailboxQuota> &quota,
                     Deadline deadline) {
    return folder_command(
        imap, "GETQUOTAROOT", name, "",
        [&](const ImapReply &reply) {
            if (reply.values.size() >= 3 && reply.values[0].is("QUOTA")) {
                note_quota(reply.values[2].items, quota);
            }
        },
        deadline);
}

ImapAnswer delete_messages(ImapSession &imap, const std::vector<std::uint32_t> &uids,
                           Deadline deadline) {
    const auto set = imap_set(uids);
    auto answer =
        imap.command(fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", set), nullptr, deadline);
    return answer.ok() ? imap.command(fmt::format("UID EXPUNGE {}", set), nullptr, deadline)
                       : answer;
}

std::string imap_set(const std::vector<std::uint32_t> &uids) {
    return fmt::format("{}", fmt::join(uids, ","));
}

}  // namespace mail_relay::roundtrip
