#include "special_agent/own_mail_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "special_agent/mail_date.h"

namespace mail_relay::roundtrip {

namespace {

// Of more new mails than this the server searches the headers, instead of us fetching each.
constexpr std::uint32_t kMostFetched = 1000;
constexpr std::size_t kMostOwn = 200;
constexpr std::size_t kMostBodies = 20;
constexpr std::size_t kMostPerCommand = 100;

constexpr std::string_view kDeliveryFields =
    "[HEADER.FIELDS (RECEIVED AUTHENTICATION-RESULTS)]<0.32768>";

std::string_view value_of_field(std::string_view header) {
    const auto colon = header.find(':');
    return colon == std::string_view::npos ? "" : header.substr(colon + 1);
}

template <class Entry>
void keep_newest(std::vector<Entry> &entries, std::size_t most) {
    if (entries.size() > most) {
        entries.erase(entries.begin(), std::prev(entries.end(), static_cast<std::ptrdiff_t>(most)));
    }
}

}  // namespace

std::optional<Failure> OwnMailSearch::find(const ImapFolder &folder,
                                           std::optional<FolderPosition> &position,
                                           std::vector<OwnMail> &own, Deadline deadline) {
    found_.clear();
    highest_uid_ = 0;
    without_token_ = false;
    const bool known = position && position->uid_validity == folder.uid_validity;
    const auto before = known ? position->last_uid : 0;
    auto failure = known ? find_behind(before, folder, deadline) : find_by_header(folder, deadline);
    if (failure) {
        return failure;
    }
    keep_newest(found_, kMostOwn);
    if (failure = fetch_headers(deadline); failure) {
        return failure;
    }
    const auto by_next = folder.uid_next > 0 ? folder.uid_next - 1 : 0;
    position = FolderPosition{position ? position->folder : "", folder.uid_validity,
                              std::max({before, by_next, highest_uid_})};
    std::move(found_.begin(), found_.end(), std::back_inserter(own));
    return std::nullopt;
}

std::optional<Failure> OwnMailSearch::find_by_header(const ImapFolder &folder, Deadline deadline) {
    const auto since =
        mark_.search_since ? fmt::format("SINCE {} ", format_search_day(*mark_.search_since)) : "";
    std::vector<std::uint32_t> uids;
    auto failure =
        search_for(fmt::format("{}HEADER {} \"\"", since, mark_.token_header), uids, deadline);
    if (!failure) {
        failure = fetch_tokens_of(uids, deadline);
    }
    if (failure || folder.uid_next != 0 || folder.messages == 0) {
        return failure;
    }
    // Where the next UID is not told, the last one is asked for.
    return fetch_section(
        "*", "[HEADER.FIELDS (DATE)]<0.1>",
        [&](const ImapMessage &last) { highest_uid_ = std::max(highest_uid_, last.uid); },
        deadline);
}

std::optional<Failure> OwnMailSearch::find_behind(std::uint32_t last_uid, const ImapFolder &folder,
                                                  Deadline deadline) {
    const auto next = folder.uid_next;
    if (next != 0 && next <= last_uid + 1) {
        return std::nullopt;
    }
    const auto range = fmt::format("{}:*", last_uid + 1);
    std::optional<Failure> failure;
    if (next == 0 || next - last_uid <= kMostFetched) {
        failure = fetch_tokens(range, deadline);
    } else {
        std::vector<std::uint32_t> uids;
        failure = search_for(fmt::format("UID {} HEADER {} \"\"", range, mark_.token_header), uids,
                             deadline);
        if (!failure) {
            failure = fetch_tokens_of(uids, deadline);
        }
    }
    // "n:*" always includes the last message, however old.
    std::erase_if(found_, [&](const OwnMail &mail) { return mail.uid <= last_uid; });
    const bool look_closer =
        !mark_.body_marker.empty() && without_token_ && highest_uid_ > last_uid;
    return failure || !look_closer ? failure : find_by_body(last_uid, deadline);
}

// Some systems take unknown headers out. The server looks for our mark, so that nobody else's mail
// is read.
std::optional<Failure> OwnMailSearch::find_by_body(std::uint32_t last_uid, Deadline deadline) {
    std::vector<std::uint32_t> uids;
    auto failure = search_for(fmt::format("UID {}:* SMALLER 32768 BODY {}", last_uid + 1,
                                          quote_imap_string(mark_.body_marker).value()),
                              uids, deadline);
    if (failure) {
        // Searching bodies is not what every server does for everybody.
        return imap_.is_lost() ? failure : std::nullopt;
    }
    std::erase_if(uids, [&](std::uint32_t uid) { return uid <= last_uid || is_found(uid); });
    keep_newest(uids, kMostBodies);
    if (uids.empty()) {
        return std::nullopt;
    }
    return fetch_section(
        imap_set(uids), "[TEXT]<0.8192>",
        [&](ImapMessage message) {
            if (!is_found(message.uid) && mark_.is_own(message.body)) {
                found_.push_back({message.uid, message.internal_date, std::move(message.body), ""});
            }
        },
        deadline);
}

bool OwnMailSearch::is_found(std::uint32_t uid) const {
    return std::any_of(found_.begin(), found_.end(),
                       [&](const OwnMail &mail) { return mail.uid == uid; });
}

std::optional<Failure> OwnMailSearch::search_for(std::string_view criteria,
                                                 std::vector<std::uint32_t> &uids,
                                                 Deadline deadline) {
    const auto answer = search(imap_, criteria, uids, deadline);
    return answer.ok() ? std::nullopt : std::optional(explain_answer("look", "UID SEARCH", answer));
}

std::optional<Failure> OwnMailSearch::fetch_section(
    std::string_view set, std::string_view section,
    const std::function<void(ImapMessage)> &on_message, Deadline deadline) {
    const auto answer = fetch(imap_, set, section, on_message, deadline);
    return answer.ok() ? std::nullopt : std::optional(explain_answer("fetch", "UID FETCH", answer));
}

std::optional<Failure> OwnMailSearch::fetch_tokens(std::string_view set, Deadline deadline) {
    return fetch_section(
        set, fmt::format("[HEADER.FIELDS ({})]<0.1000>", mark_.token_header),
        [&](const ImapMessage &message) {
            highest_uid_ = std::max(highest_uid_, message.uid);
            const auto value = value_of_field(message.body);
            without_token_ = without_token_ || value.empty();
            if (!value.empty() && !is_found(message.uid) && mark_.is_own(value)) {
                found_.push_back({message.uid, message.internal_date, std::string(value), ""});
            }
        },
        deadline);
}

std::optional<Failure> OwnMailSearch::fetch_tokens_of(const std::vector<std::uint32_t> &uids,
                                                      Deadline deadline) {
    const auto end = uids.end();
    auto begin = uids.size() > kMostFetched ? std::prev(end, kMostFetched) : uids.begin();
    while (begin != end) {
        const auto count = std::min<std::ptrdiff_t>(kMostPerCommand, end - begin);
        if (auto failure = fetch_tokens(imap_set({begin, begin + count}), deadline); failure) {
            return failure;
        }
        begin += count;
    }
    return std::nullopt;
}

std::optional<Failure> OwnMailSearch::fetch_headers(Deadline deadline) {
    if (found_.empty()) {
        return std::nullopt;
    }
    std::vector<std::uint32_t> uids;
    std::transform(found_.begin(), found_.end(), std::back_inserter(uids),
                   [](const OwnMail &mail) { return mail.uid; });
    std::map<std::uint32_t, std::string> headers;
    auto failure = fetch_section(
        imap_set(uids), kDeliveryFields,
        [&](ImapMessage message) { headers[message.uid] = std::move(message.body); }, deadline);
    for (auto &mail : found_) {
        mail.headers = std::move(headers[mail.uid]);
    }
    return failure;
}

}  // namespace mail_relay::roundtrip
