#include "special_agent/mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <thread>
#include <utility>

#include "special_agent/imap_folder_name.h"
#include "special_agent/imap_session.h"

namespace mail_relay::roundtrip {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// More new mails than this are searched by the server instead of fetching the header of each.
constexpr std::uint32_t kMostFetched = 1000;
constexpr std::size_t kMostOwn = 200;         // per look; the newest
constexpr std::size_t kMostBodyMatches = 20;  // of mails without a token header
constexpr std::size_t kMostPerCommand = 100;
constexpr milliseconds kBetweenLooks{20};
constexpr milliseconds kBetweenOtherFolders{300};

constexpr std::string_view kDeliveryFields =
    "[HEADER.FIELDS (RECEIVED AUTHENTICATION-RESULTS)]<0.32768>";

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::int64_t unix_ms() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// "17-Jul-2026", as SEARCH SINCE wants it.
std::string imap_day(std::int64_t unix_time) {
    const std::time_t time = unix_time;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    return fmt::format("{}-{}-{}", parts.tm_mday,
                       months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3),
                       parts.tm_year + 1900);
}

FailureClass class_of_refusal(const ImapAnswer &answer) {
    const auto code = std::string_view(answer.code).substr(0, answer.code.find(' '));
    if (code == "THROTTLED" || code == "LIMIT" || code == "OVERQUOTA") {
        return FailureClass::kRateLimited;
    }
    if (code == "UNAVAILABLE" || code == "INUSE" || code == "SERVERBUG") {
        return FailureClass::kServerError;
    }
    if (code == "AUTHENTICATIONFAILED" || code == "AUTHORIZATIONFAILED" || code == "EXPIRED") {
        return FailureClass::kAuthFailed;
    }
    return classify_failure(answer.words, "");
}

Failure failure_of(std::string_view phase, std::string_view what, const ImapAnswer &answer) {
    const bool is_lost = answer.kind == ImapAnswer::Kind::kLost;
    return {
        std::string(phase),
        is_lost && answer.words.empty() ? FailureClass::kLostConnection : class_of_refusal(answer),
        fmt::format("{}: {}", what, answer.error.empty() ? answer.words : answer.error),
        answer.words.empty() ? std::nullopt : std::optional(answer.words)};
}

std::string_view value_of_field(std::string_view header) {
    const auto colon = header.find(':');
    return colon == std::string_view::npos ? "" : header.substr(colon + 1);
}

/// A folder that is looked through.
struct Folder {
    std::string name;
    std::string wire_name;
    FolderRole role = FolderRole::kInbox;
    ImapFolder seen;
    std::optional<FolderPosition> position;
    std::size_t observation = 0;  ///< place in MailboxObservation::folders
    bool usable = true;
};

}  // namespace

class Mailbox::Visit {
  public:
    Visit(MailboxRequest request, Deadline deadline)
        : request_(std::move(request)),
          begin_(Clock::now()),
          session_(request_.session, deadline),
          imap_(session_) {
        seen_.session = session_.observation();
        seen_.positions = request_.positions;
        if (request_.delete_probes) {
            seen_.deletion.emplace();
        }
    }

    void collect(Deadline deadline);
    void wait(milliseconds span, const std::function<bool(const FoundMail &)> &enough,
              Deadline deadline);
    void finish(const std::function<bool(const FoundMail &)> &wanted, Deadline deadline);
    const MailboxObservation &observation() const { return seen_; }

  private:
    bool failed_already() const { return seen_.session.failure.has_value(); }
    bool ask_capabilities(Deadline deadline);
    bool can(std::string_view capability) const;
    void choose_folders(Deadline deadline);
    std::string find_junk_folder(Deadline deadline);
    void add_folder(const std::string &name, FolderRole role);
    bool open(Folder &folder, Deadline deadline);
    bool look(Folder &folder, Deadline deadline);
    bool look_elsewhere(Deadline deadline);
    bool find_own(Folder &folder, std::vector<ImapMessage> &own, Deadline deadline);
    bool first_contact(Folder &folder, std::vector<ImapMessage> &own, Deadline deadline);
    bool look_at_new(Folder &folder, std::vector<ImapMessage> &own, Deadline deadline);
    bool search_bodies(const Folder &folder, const std::vector<ImapMessage> &own,
                       std::vector<ImapMessage> &more, Deadline deadline);
    bool fetch_tokens(std::string_view set, std::vector<ImapMessage> &own, Deadline deadline);
    bool report(const Folder &folder, std::vector<ImapMessage> own, Deadline deadline);
    void ask_quota(Deadline deadline);
    void remove_from(const Folder &folder, const std::vector<std::uint32_t> &uids,
                     Deadline deadline);
    void leave(std::size_t count, std::string_view why);
    bool accept(const ImapAnswer &answer, std::string_view phase, std::string_view what);
    bool accept(const ImapAnswer &answer, std::string_view phase, std::string_view what,
                Folder &folder);
    void keep_position(const Folder &folder);

    MailboxRequest request_;
    Clock::time_point begin_;
    MailSession session_;
    ImapSession imap_;
    MailboxObservation seen_;
    std::vector<Folder> folders_;  // the inbox first
    std::string open_folder_;
    std::uint32_t highest_seen_uid_ = 0;
    bool new_without_token_ = false;
    std::optional<std::int64_t> observed_ms_;  // of mails found now: they came while we waited
};

// The answer to something the whole visit depends on.
bool Mailbox::Visit::accept(const ImapAnswer &answer, std::string_view phase,
                            std::string_view what) {
    if (!answer.ok() && !failed_already()) {
        seen_.session.failure = failure_of(phase, what, answer);
    }
    return answer.ok();
}

// A refusal that concerns a folder beside the inbox is that folder's own affair.
bool Mailbox::Visit::accept(const ImapAnswer &answer, std::string_view phase, std::string_view what,
                            Folder &folder) {
    if (answer.ok()) {
        return true;
    }
    const auto text = fmt::format("{} {}", what, folder.name);
    seen_.folders[folder.observation].error = failure_of(phase, text, answer).error;
    folder.usable = false;
    if (folder.role == FolderRole::kInbox || answer.kind == ImapAnswer::Kind::kLost) {
        accept(answer, phase, text);
    }
    return false;
}

bool Mailbox::Visit::can(std::string_view capability) const {
    const auto &all = seen_.session.capabilities;
    return all && std::find(all->begin(), all->end(), capability) != all->end();
}

// Many servers tell all they can only after the log-in, and only if asked.
bool Mailbox::Visit::ask_capabilities(Deadline deadline) {
    if (can("UIDPLUS")) {
        return true;
    }
    std::vector<std::string> told;
    const auto answer = imap_.command(
        "CAPABILITY",
        [&](const ImapReply &reply) {
            if (reply.values.empty() || !reply.values[0].is("CAPABILITY")) {
                return;
            }
            for (std::size_t i = 1; i < std::min<std::size_t>(reply.values.size(), 100); ++i) {
                auto word = session_.presentable(reply.values[i].text);
                std::transform(word.begin(), word.end(), word.begin(), [](char c) {
                    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                });
                if (!word.starts_with("AUTH=")) {
                    told.push_back(std::move(word));
                }
            }
        },
        deadline);
    if (!told.empty()) {
        seen_.session.capabilities = std::move(told);
    }
    return accept(answer, "capability", "CAPABILITY");
}

std::string Mailbox::Visit::find_junk_folder(Deadline deadline) {
    if (!can("SPECIAL-USE")) {
        return "";
    }
    std::string name;
    const auto *text = can("LIST-EXTENDED") ? "LIST (SPECIAL-USE) \"\" \"*\"" : "LIST \"\" \"*\"";
    const auto answer = imap_.command(
        text,
        [&](const ImapReply &reply) {
            if (reply.values.size() < 4 || !reply.values[0].is("LIST")) {
                return;
            }
            const auto &flags = reply.values[1].items;
            if (std::any_of(flags.begin(), flags.end(),
                            [](const auto &flag) { return flag.is("\\Junk"); })) {
                name = decode_folder_name(reply.values[3].text);
            }
        },
        deadline);
    if (answer.kind == ImapAnswer::Kind::kLost) {
        accept(answer, "look", text);
    } else if (!answer.ok()) {
        seen_.problems.push_back({"folders", failure_of("look", text, answer).error});
    }
    return name;
}

void Mailbox::Visit::add_folder(const std::string &name, FolderRole role) {
    const auto known = std::find_if(folders_.begin(), folders_.end(),
                                    [&](const auto &folder) { return folder.name == name; });
    if (name.empty() || known != folders_.end()) {
        return;
    }
    Folder folder;
    folder.name = name;
    folder.role = role;
    folder.observation = seen_.folders.size();
    FolderObservation observation;
    observation.name = name;
    observation.role = role;
    const auto wire_name = encode_folder_name(name);
    if (wire_name) {
        folder.wire_name = *wire_name;
    } else {
        observation.error = wire_name.error().message();
        folder.usable = false;
    }
    for (const auto &position : request_.positions) {
        if (position.folder == name) {
            folder.position = position;
        }
    }
    seen_.folders.push_back(std::move(observation));
    folders_.push_back(std::move(folder));
}

void Mailbox::Visit::choose_folders(Deadline deadline) {
    add_folder(request_.folder, FolderRole::kInbox);
    add_folder(request_.junk_folder.empty() ? find_junk_folder(deadline) : request_.junk_folder,
               FolderRole::kJunk);
    for (const auto &name : request_.further_folders) {
        add_folder(name, FolderRole::kFurther);
    }
}

void Mailbox::Visit::collect(Deadline deadline) {
    if (failed_already() || !ask_capabilities(deadline)) {
        return;
    }
    choose_folders(deadline);
    const auto look_begin = Clock::now();
    // The inbox comes last and stays open, to wait in.
    if (failed_already() || !look_elsewhere(deadline)) {
        return;
    }
    auto &inbox = folders_.front();
    const auto select_begin = Clock::now();
    if (!open(inbox, deadline)) {
        return;
    }
    seen_.select_s = seconds_since(select_begin);
    // Gmail shows what is new only after a NOOP.
    if (!accept(imap_.command("NOOP", nullptr, deadline), "look", "NOOP") ||
        !look(inbox, deadline)) {
        return;
    }
    seen_.look_s = seconds_since(look_begin) - *seen_.select_s;
    ask_quota(deadline);
    seen_.session.phases.total_s = seconds_since(begin_);
}

bool Mailbox::Visit::open(Folder &folder, Deadline deadline) {
    folder.seen = {};
    open_folder_ = folder.name;
    // EXAMINE: not even the \Recent flag of other people's mail changes.
    const auto answer = imap_.open_folder("EXAMINE", folder.wire_name, folder.seen, deadline);
    if (!accept(answer, "select", "EXAMINE", folder)) {
        return false;
    }
    seen_.folders[folder.observation].messages = folder.seen.messages;
    return true;
}

// False if the visit is over.
bool Mailbox::Visit::look_elsewhere(Deadline deadline) {
    for (std::size_t i = 1; i < folders_.size(); ++i) {
        auto &folder = folders_[i];
        if (!folder.usable) {
            continue;
        }
        ImapFolder status;
        if (accept(imap_.ask_status(folder.wire_name, status, deadline), "look", "STATUS",
                   folder)) {
            seen_.folders[folder.observation].messages = status.messages;
            const auto &known = folder.position;
            const bool unchanged = known && known->uid_validity == status.uid_validity &&
                                   status.uid_next != 0 && status.uid_next <= known->last_uid + 1;
            if (!unchanged && open(folder, deadline)) {
                look(folder, deadline);
            }
        }
        if (failed_already()) {
            return false;
        }
    }
    return true;
}

bool Mailbox::Visit::look(Folder &folder, Deadline deadline) {
    std::vector<ImapMessage> own;
    if (!find_own(folder, own, deadline) || !report(folder, std::move(own), deadline)) {
        return false;
    }
    seen_.folders[folder.observation].messages = imap_.messages();
    keep_position(folder);
    return true;
}

bool Mailbox::Visit::find_own(Folder &folder, std::vector<ImapMessage> &own, Deadline deadline) {
    highest_seen_uid_ = 0;
    const bool known = folder.position && folder.position->uid_validity == folder.seen.uid_validity;
    if (!(known ? look_at_new(folder, own, deadline) : first_contact(folder, own, deadline))) {
        return false;
    }
    const auto before = known ? folder.position->last_uid : 0;
    const auto by_next = folder.seen.uid_next > 0 ? folder.seen.uid_next - 1 : 0;
    folder.position = FolderPosition{folder.name, folder.seen.uid_validity,
                                     std::max({before, by_next, highest_seen_uid_})};
    return true;
}

bool Mailbox::Visit::first_contact(Folder &folder, std::vector<ImapMessage> &own,
                                   Deadline deadline) {
    const auto since = request_.search_since
                           ? fmt::format("SINCE {} ", imap_day(*request_.search_since))
                           : std::string();
    std::vector<std::uint32_t> uids;
    if (!accept(imap_.search(fmt::format("{}HEADER {} \"\"", since, request_.token_header), uids,
                             deadline),
                "look", "UID SEARCH in", folder)) {
        return false;
    }
    for (std::size_t begin = 0; begin < uids.size(); begin += kMostPerCommand) {
        const auto end = std::min(begin + kMostPerCommand, uids.size());
        const std::vector<std::uint32_t> some(uids.begin() + static_cast<std::ptrdiff_t>(begin),
                                              uids.begin() + static_cast<std::ptrdiff_t>(end));
        if (!fetch_tokens(imap_set(some), own, deadline)) {
            return false;
        }
    }
    if (folder.seen.uid_next == 0 && folder.seen.messages > 0) {
        return accept(imap_.fetch(
                          "*", "[HEADER.FIELDS (DATE)]<0.1>",
                          [&](const ImapMessage &last) {
                              highest_seen_uid_ = std::max(highest_seen_uid_, last.uid);
                          },
                          deadline),
                      "fetch", "UID FETCH of the last mail in", folder);
    }
    return true;
}

bool Mailbox::Visit::fetch_tokens(std::string_view set, std::vector<ImapMessage> &own,
                                  Deadline deadline) {
    const auto section = fmt::format("[HEADER.FIELDS ({})]<0.1000>", request_.token_header);
    return accept(imap_.fetch(
                      set, section,
                      [&](ImapMessage message) {
                          highest_seen_uid_ = std::max(highest_seen_uid_, message.uid);
                          const std::string value(value_of_field(message.body));
                          if (value.empty()) {
                              new_without_token_ = true;
                          } else if (request_.is_own(value)) {
                              message.body = value;
                              own.push_back(std::move(message));
                          }
                      },
                      deadline),
                  "fetch", "UID FETCH");
}

bool Mailbox::Visit::look_at_new(Folder &folder, std::vector<ImapMessage> &own, Deadline deadline) {
    const auto last = folder.position->last_uid;
    const auto next = folder.seen.uid_next;
    if (next != 0 && next <= last + 1) {
        return true;
    }
    const auto range = fmt::format("{}:*", last + 1);
    new_without_token_ = false;
    std::vector<ImapMessage> found;
    if (next == 0 || next - last <= kMostFetched) {
        if (!fetch_tokens(range, found, deadline)) {
            return false;
        }
    } else {
        std::vector<std::uint32_t> uids;
        const auto criteria = fmt::format("UID {} HEADER {} \"\"", range, request_.token_header);
        if (!accept(imap_.search(criteria, uids, deadline), "look", "UID SEARCH in", folder)) {
            return false;
        }
        uids.resize(std::min<std::size_t>(uids.size(), kMostFetched));
        if (!uids.empty() && !fetch_tokens(imap_set(uids), found, deadline)) {
            return false;
        }
    }
    // "n:*" always includes the last message, however old.
    std::erase_if(found, [&](const auto &message) { return message.uid <= last; });
    own = std::move(found);
    return request_.body_marker.empty() || !new_without_token_ || highest_seen_uid_ <= last ||
           search_bodies(folder, own, own, deadline);
}

// Some systems take unknown headers out. The server looks for our mark, so that nobody else's mail
// is read.
bool Mailbox::Visit::search_bodies(const Folder &folder, const std::vector<ImapMessage> &own,
                                   std::vector<ImapMessage> &more, Deadline deadline) {
    const auto mark = quote_imap_string(request_.body_marker);
    if (!mark) {
        return true;
    }
    std::vector<std::uint32_t> uids;
    const auto answer = imap_.search(
        fmt::format("UID {}:* SMALLER 32768 BODY {}", folder.position->last_uid + 1, *mark), uids,
        deadline);
    if (answer.kind == ImapAnswer::Kind::kLost) {
        return accept(answer, "look", "UID SEARCH");
    }
    std::erase_if(uids, [&](std::uint32_t uid) {
        return uid <= folder.position->last_uid ||
               std::any_of(own.begin(), own.end(),
                           [&](const auto &message) { return message.uid == uid; });
    });
    uids.resize(std::min(uids.size(), kMostBodyMatches));
    if (uids.empty()) {
        return true;
    }
    return accept(imap_.fetch(
                      imap_set(uids), "[TEXT]<0.8192>",
                      [&](ImapMessage message) {
                          if (request_.is_own(message.body)) {
                              more.push_back(std::move(message));
                          }
                      },
                      deadline),
                  "fetch", "UID FETCH");
}

bool Mailbox::Visit::report(const Folder &folder, std::vector<ImapMessage> own, Deadline deadline) {
    if (own.size() > kMostOwn) {
        own.erase(own.begin(), own.end() - static_cast<std::ptrdiff_t>(kMostOwn));
    }
    std::map<std::uint32_t, std::string> headers;
    std::vector<std::uint32_t> uids;
    for (const auto &message : own) {
        uids.push_back(message.uid);
    }
    if (!uids.empty() &&
        !accept(imap_.fetch(
                    imap_set(uids), kDeliveryFields,
                    [&](ImapMessage message) { headers[message.uid] = std::move(message.body); },
                    deadline),
                "fetch", "UID FETCH")) {
        return false;
    }
    for (auto &message : own) {
        FoundMail mail;
        mail.folder = folder.name;
        mail.role = folder.role;
        mail.uid_validity = folder.seen.uid_validity;
        mail.uid = message.uid;
        mail.token_text = std::move(message.body);
        mail.internal_date = message.internal_date;
        mail.observed_ms = observed_ms_;
        mail.headers = std::move(headers[message.uid]);
        if (mail.internal_date && mail.observed_ms) {
            // An INTERNALDATE is cut to whole seconds: half a second is missing on average.
            seen_.clock_offset_s = static_cast<double>(*mail.internal_date) + 0.5 -
                                   static_cast<double>(*mail.observed_ms) / 1000.0;
        }
        seen_.found.push_back(std::move(mail));
    }
    return true;
}

void Mailbox::Visit::keep_position(const Folder &folder) {
    std::erase_if(seen_.positions,
                  [&](const auto &position) { return position.folder == folder.name; });
    seen_.positions.push_back(*folder.position);
}

void Mailbox::Visit::ask_quota(Deadline deadline) {
    if (!can("QUOTA")) {
        return;
    }
    const auto quoted = quote_imap_string(folders_.front().wire_name);
    const auto answer = imap_.command(
        fmt::format("GETQUOTAROOT {}", quoted ? *quoted : "INBOX"),
        [&](const ImapReply &reply) {
            if (reply.values.size() < 3 || !reply.values[0].is("QUOTA")) {
                return;
            }
            const auto &items = reply.values[2].items;
            for (std::size_t i = 0; i + 2 < items.size(); i += 3) {
                const auto used = items[i + 1].number();
                const auto limit = items[i + 2].number();
                const bool is_storage = items[i].is("STORAGE");
                // STORAGE counts units of 1024 bytes (RFC 9208).
                const std::uint64_t unit = is_storage ? 1024 : 1;
                if (!used || !limit || (!is_storage && !items[i].is("MESSAGE"))) {
                    continue;
                }
                auto &quota = seen_.quota ? *seen_.quota : seen_.quota.emplace();
                (is_storage ? quota.storage : quota.messages) =
                    QuotaUse{*used * unit, *limit * unit};
            }
        },
        deadline);
    if (!answer.ok()) {
        seen_.problems.push_back({"quota", failure_of("look", "GETQUOTAROOT", answer).error});
    }
    if (answer.kind == ImapAnswer::Kind::kLost) {
        accept(answer, "look", "GETQUOTAROOT");
    }
}

void Mailbox::Visit::wait(milliseconds span, const std::function<bool(const FoundMail &)> &enough,
                          Deadline deadline) {
    if (failed_already() || folders_.empty() || !folders_.front().usable) {
        return;
    }
    auto &inbox = folders_.front();
    const auto end = deadline.within(span);
    auto elsewhere_due = Clock::now() + kBetweenOtherFolders;
    std::size_t judged = seen_.found.size();
    auto known = imap_.messages();
    for (;;) {
        if (!accept(imap_.command("NOOP", nullptr, deadline), "look", "NOOP")) {
            return;
        }
        observed_ms_ = unix_ms();
        if (imap_.messages() > known) {
            inbox.seen.uid_next = 0;  // as it was when the folder was opened
            if (!look(inbox, deadline)) {
                return;
            }
        }
        known = imap_.messages();
        if (folders_.size() > 1 && Clock::now() >= elsewhere_due) {
            if (!look_elsewhere(deadline)) {
                return;
            }
            if (open_folder_ != inbox.name) {
                observed_ms_ = unix_ms();
                if (!open(inbox, deadline) || !look(inbox, deadline)) {
                    return;
                }
                known = imap_.messages();
            }
            elsewhere_due = Clock::now() + kBetweenOtherFolders;
        }
        for (; judged < seen_.found.size(); ++judged) {
            if (enough && enough(seen_.found[judged])) {
                return;
            }
        }
        if (end.expired()) {
            return;
        }
        std::this_thread::sleep_for(std::min(kBetweenLooks, end.left() + milliseconds(1)));
    }
}

void Mailbox::Visit::leave(std::size_t count, std::string_view why) {
    seen_.deletion->left += count;
    if (!seen_.deletion->why_left) {
        seen_.deletion->why_left = why;
    }
}

void Mailbox::Visit::remove_from(const Folder &folder, const std::vector<std::uint32_t> &uids,
                                 Deadline deadline) {
    if (!can("UIDPLUS")) {
        return leave(uids.size(),
                     "the server lacks UIDPLUS: a plain EXPUNGE would also remove "
                     "other people's mail");
    }
    ImapFolder now;
    auto answer = imap_.open_folder("SELECT", folder.wire_name, now, deadline);
    if (!answer.ok()) {
        return leave(uids.size(), failure_of("delete", "SELECT " + folder.name, answer).error);
    }
    seen_.folders[folder.observation].read_only = now.read_only;
    if (now.read_only) {
        return leave(uids.size(), fmt::format("the folder {} is read-only", folder.name));
    }
    if (now.uid_validity != folder.seen.uid_validity) {
        return leave(uids.size(), fmt::format("the folder {} was renumbered", folder.name));
    }
    const auto set = imap_set(uids);
    for (const auto &text : {fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", set),
                             fmt::format("UID EXPUNGE {}", set)}) {
        answer = imap_.command(text, nullptr, deadline);
        if (!answer.ok()) {
            return leave(uids.size(),
                         failure_of("delete", "deleting in " + folder.name, answer).error);
        }
    }
    seen_.deletion->deleted += uids.size();
}

void Mailbox::Visit::finish(const std::function<bool(const FoundMail &)> &wanted,
                            Deadline deadline) {
    if (!session_.ready()) {
        return;
    }
    if (seen_.deletion && !failed_already()) {
        for (const auto &folder : folders_) {
            std::vector<std::uint32_t> uids;
            for (const auto &mail : seen_.found) {
                if (mail.folder == folder.name && mail.uid_validity == folder.seen.uid_validity &&
                    wanted(mail)) {
                    uids.push_back(mail.uid);
                }
            }
            if (!uids.empty()) {
                remove_from(folder, uids, deadline);
            }
        }
    }
    imap_.log_out(deadline);
}

Mailbox::Mailbox(MailboxRequest request, Deadline deadline)
    : visit_(std::make_unique<Visit>(std::move(request), deadline)) {}

Mailbox::~Mailbox() = default;

void Mailbox::collect(Deadline deadline) {
    visit_->collect(deadline);
}

void Mailbox::wait(milliseconds span, const std::function<bool(const FoundMail &)> &enough,
                   Deadline deadline) {
    visit_->wait(span, enough, deadline);
}

void Mailbox::finish(const std::function<bool(const FoundMail &)> &wanted, Deadline deadline) {
    visit_->finish(wanted, deadline);
}

const MailboxObservation &Mailbox::observation() const {
    return visit_->observation();
}

}  // namespace mail_relay::roundtrip
