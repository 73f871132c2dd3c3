#include "special_agent/probe_deletion.h"

#include <fmt/format.h>

namespace mail_relay::roundtrip {

namespace {

void leave(const MailsToDelete &mails, std::string_view why, DeletionObservation &seen) {
    seen.left += mails.uids.size();
    if (!seen.why_left) {
        seen.why_left = why;
    }
}

}  // namespace

std::optional<bool> delete_probes(ImapSession &imap, const MailsToDelete &mails,
                                  bool can_expunge_uids, DeletionObservation &seen,
                                  Deadline deadline) {
    if (!can_expunge_uids) {
        leave(mails,
              "the server lacks UIDPLUS: a plain EXPUNGE would also remove other people's mail",
              seen);
        return std::nullopt;
    }
    ImapFolder now;
    auto answer = open_folder(imap, "SELECT", mails.wire_name, now, deadline);
    if (!answer.ok()) {
        leave(mails, explain_answer("delete", "SELECT " + mails.folder, answer).error, seen);
        return std::nullopt;
    }
    if (now.read_only) {
        leave(mails, fmt::format("the folder {} is read-only", mails.folder), seen);
    } else if (now.uid_validity != mails.uid_validity) {
        leave(mails, fmt::format("the folder {} was renumbered", mails.folder), seen);
    } else if (answer = delete_messages(imap, mails.uids, deadline); !answer.ok()) {
        leave(mails, explain_answer("delete", "deleting in " + mails.folder, answer).error, seen);
    } else {
        seen.deleted += mails.uids.size();
    }
    return now.read_only;
}

}  // namespace mail_relay::roundtrip
