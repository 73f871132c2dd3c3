#include "special_agent/mailbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/deadline.h"
#include "special_agent/imap_folder_name.h"

namespace mail_relay::roundtrip {

namespace {

using std::chrono::milliseconds;

// A mail that is on its way for longer need not be timed as sharply, and servers count questions.
constexpr milliseconds kSoon{200};
constexpr milliseconds kBetweenFirstLooks{20};
constexpr milliseconds kBetweenLooks{40};
constexpr milliseconds kBetweenOtherFolders{300};
// A mail found after a longer pause may have come at any time in it.
constexpr milliseconds kSharp{1000};
constexpr milliseconds kAnswerTime{5000};

}  // namespace

Mailbox::Mailbox(MailboxRequest request, Deadline deadline)
    : request_(std::move(request)),
      session_(request_.session, deadline),
      imap_(session_),
      search_(imap_, request_.mark) {
    seen_.session = session_.observation();
    if (request_.delete_probes) {
        seen_.deletion.emplace();
    }
}

MailboxObservation Mailbox::observation() const {
    auto seen = seen_;
    seen.positions = folders_.empty() ? request_.positions : std::vector<FolderPosition>();
    for (const auto &folder : folders_) {
        seen.folders.push_back(folder.observation);
        if (folder.position) {
            seen.positions.push_back(*folder.position);
        }
    }
    return seen;
}

// What the whole visit depends on.
bool Mailbox::accept(std::optional<Failure> failure) {
    if (!failure) {
        return true;
    }
    if (!is_over()) {
        seen_.session.failure = std::move(failure);
        seen_.session.phases.total_s = seconds_since(begin_);
    }
    return false;
}

bool Mailbox::accept(std::string_view phase, std::string_view what, const ImapAnswer &answer) {
    return answer.ok() || accept(explain_answer(phase, what, answer));
}

// A refusal that concerns a folder beside the inbox is that folder's own affair.
bool Mailbox::accept(std::optional<Failure> failure, Folder &folder) {
    if (!failure) {
        return true;
    }
    failure->error = fmt::format("{}: {}", folder.name(), failure->error);
    folder.observation.error = failure->error;
    const bool is_inbox = folder.observation.role == FolderRole::kInbox;
    return is_inbox || imap_.is_lost() ? accept(std::move(failure)) : false;
}

bool Mailbox::can(std::string_view capability) const {
    const auto &all = seen_.session.capabilities;
    return all && std::find(all->begin(), all->end(), capability) != all->end();
}

// Many servers tell all they can only after the log-in, and only if asked.
void Mailbox::ask_for_capabilities(Deadline deadline) {
    if (can("UIDPLUS")) {
        return;
    }
    auto told = seen_.session.capabilities.value_or(std::vector<std::string>());
    if (const auto answer = ask_capabilities(imap_, told, deadline); !answer.ok()) {
        seen_.problems.push_back(
            {"capabilities", explain_answer("capability", "CAPABILITY", answer).error});
    }
    seen_.session.capabilities = std::move(told);
}

std::string Mailbox::find_junk_folder(Deadline deadline) {
    if (!can("SPECIAL-USE") || !request_.folders.junk_folder.empty()) {
        return "";
    }
    std::string name;
    const auto answer = find_special_folder(imap_, "\\Junk", can("LIST-EXTENDED"), name, deadline);
    if (!answer.ok()) {
        seen_.problems.push_back(
            {"folders", explain_answer("look", "LIST of special folders", answer).error});
    }
    return decode_folder_name(name);
}

void Mailbox::collect(Deadline deadline) {
    if (is_over()) {
        return;
    }
    ask_for_capabilities(deadline);
    folders_ = choose_folders(request_.folders, find_junk_folder(deadline), request_.positions);
    const auto look_begin = Clock::now();
    // The inbox comes last and stays open, to wait in.
    if (!look_elsewhere(deadline)) {
        return;
    }
    const auto select_begin = Clock::now();
    if (!open_inbox(deadline)) {
        return;
    }
    seen_.select_s = seconds_since(select_begin);
    auto &inbox = folders_.front();
    // Gmail shows what is new only after a NOOP.
    if (!accept("look", "NOOP", imap_.command("NOOP", nullptr, deadline))) {
        return;
    }
    inbox.state.uid_next = imap_.arrivals() == arrivals_ ? inbox.state.uid_next : 0;
    if (!look(inbox, deadline)) {
        return;
    }
    seen_.look_s = seconds_since(look_begin) - *seen_.select_s;
    ask_for_quota(deadline);
    seen_.session.phases.total_s = seconds_since(begin_);
}

bool Mailbox::open(Folder &folder, Deadline deadline) {
    folder.state = {};
    open_ = &folder;
    // EXAMINE: not even the \Recent flag of other people's mail changes.
    const auto answer = open_folder(imap_, "EXAMINE", folder.wire_name, folder.state, deadline);
    arrivals_ = imap_.arrivals();
    if (!answer.ok()) {
        return accept(explain_answer("select", "EXAMINE", answer), folder);
    }
    folder.observation.messages = folder.state.messages;
    return true;
}

bool Mailbox::open_inbox(Deadline deadline) {
    auto &inbox = folders_.front();
    if (!inbox.is_usable()) {
        return accept(Failure{"select", FailureClass::kLocalDataError, *inbox.observation.error,
                              std::nullopt});
    }
    return open(inbox, deadline);
}

// False if the visit is over.
bool Mailbox::look_elsewhere(Deadline deadline) {
    for (std::size_t i = 1; i < folders_.size() && !is_over(); ++i) {
        auto &folder = folders_[i];
        if (!folder.is_usable()) {
            continue;
        }
        ImapFolder status;
        const auto answer = ask_status(imap_, folder.wire_name, status, deadline);
        if (!answer.ok()) {
            accept(explain_answer("look", "STATUS", answer), folder);
            continue;
        }
        folder.observation.messages = status.messages;
        const auto &known = folder.position;
        const bool unchanged = known && known->uid_validity == status.uid_validity &&
                               status.uid_next != 0 && status.uid_next <= known->last_uid + 1;
        if (!unchanged && open(folder, deadline)) {
            look(folder, deadline);
        }
    }
    return !is_over();
}

bool Mailbox::look(Folder &folder, Deadline deadline) {
    arrivals_ = imap_.arrivals();
    std::vector<OwnMail> own;
    if (!accept(search_.find(folder.state, folder.position, own, deadline), folder)) {
        return false;
    }
    folder.position->folder = folder.name();
    for (auto &mail : own) {
        seen_.found.push_back({std::move(mail), folder.name(), folder.observation.role,
                               folder.state.uid_validity, std::nullopt});
    }
    folder.observation.messages = imap_.messages();
    last_look_ = Clock::now();
    return true;
}

void Mailbox::ask_for_quota(Deadline deadline) {
    if (!can("QUOTA")) {
        return;
    }
    const auto answer = ask_quota(imap_, folders_.front().wire_name, seen_.quota, deadline);
    if (!answer.ok()) {
        seen_.problems.push_back({"quota", explain_answer("look", "GETQUOTAROOT", answer).error});
    }
}

void Mailbox::wait(milliseconds span, const IsAwaited &is_awaited, Deadline deadline) {
    if (is_over() || open_ == nullptr) {
        return;
    }
    const auto begin = Clock::now();
    // The last question needs time for its answer.
    const auto longest = std::max(deadline.left() - kAnswerTime, milliseconds(0));
    const auto end = deadline.within(std::min(span, longest));
    const auto answer_by = deadline.within(span + kAnswerTime);
    auto elsewhere_due = Clock::now() + kBetweenOtherFolders;
    auto judged = seen_.found.size();
    auto previous_look = last_look_;
    for (;;) {
        const bool has_looked = look_at_news(answer_by);
        seen_.wait_s = seconds_since(begin);
        if (!has_looked) {
            return;
        }
        if (folders_.size() > 1 && Clock::now() >= elsewhere_due) {
            if (!look_elsewhere(answer_by)) {
                return;
            }
            if (open_ != &folders_.front() &&
                (!open_inbox(answer_by) || !look(folders_.front(), answer_by))) {
                return;
            }
            elsewhere_due = Clock::now() + kBetweenOtherFolders;
        }
        if (judge_news(judged, previous_look, is_awaited) || end.expired()) {
            return;
        }
        previous_look = Clock::now();
        const auto pause = previous_look - begin < kSoon ? kBetweenFirstLooks : kBetweenLooks;
        std::this_thread::sleep_for(std::min(pause, end.left() + milliseconds(1)));
    }
}

bool Mailbox::look_at_news(Deadline deadline) {
    if (!accept("look", "NOOP", imap_.command("NOOP", nullptr, deadline))) {
        return false;
    }
    news_ms_ = request_.clock_ms();
    auto &inbox = folders_.front();
    inbox.state.uid_next = 0;  // as it was when the folder was opened
    return imap_.arrivals() == arrivals_ || look(inbox, deadline);
}

// Whether the awaited mail is among those found since the last time.
bool Mailbox::judge_news(std::size_t &judged, Clock::time_point previous_look,
                         const IsAwaited &is_awaited) {
    const bool is_sharp = Clock::now() - previous_look <= kSharp;
    bool is_here = false;
    for (; judged < seen_.found.size(); ++judged) {
        auto &mail = seen_.found[judged];
        const bool awaited = is_awaited(mail);
        is_here = is_here || awaited;
        if (is_sharp || awaited) {
            mail.observed_ms = news_ms_;
        }
        if (is_sharp && mail.internal_date) {
            // An INTERNALDATE is cut to whole seconds: half a second is missing on average.
            seen_.clock_offset_s = static_cast<double>(*mail.internal_date) + 0.5 -
                                   static_cast<double>(news_ms_) / 1000.0;
        }
    }
    return is_here;
}

void Mailbox::delete_found(Deadline deadline) {
    if (is_over() || !seen_.deletion) {
        return;
    }
    for (auto &folder : folders_) {
        MailsToDelete mails{folder.name(), folder.wire_name, folder.state.uid_validity, {}};
        for (const auto &mail : seen_.found) {
            if (mail.folder == mails.folder && mail.uid_validity == mails.uid_validity) {
                mails.uids.push_back(mail.uid);
            }
        }
        if (!mails.uids.empty()) {
            folder.observation.read_only =
                delete_probes(imap_, mails, can("UIDPLUS"), *seen_.deletion, deadline);
        }
    }
}

}  // namespace mail_relay::roundtrip
