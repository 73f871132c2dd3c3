#include "special_agent/render_mailbox.h"

#include <boost/json.hpp>

#include "special_agent/render_session.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

json::object render_quota(const MailboxQuota &quota) {
    json::object object{{"storage", nullptr}, {"messages", nullptr}};
    if (quota.storage) {
        object["storage"] = json::object{{"used_bytes", quota.storage->used},
                                         {"limit_bytes", quota.storage->limit}};
    }
    if (quota.messages) {
        object["messages"] =
            json::object{{"used", quota.messages->used}, {"limit", quota.messages->limit}};
    }
    return object;
}

}  // namespace

json::object render_mailbox(const LoopDefinition &loop, const MailboxObservation &mailbox,
                            std::int64_t now) {
    json::object object{{"loop", loop.name}, {"time", now}};
    render_session(object, loop.mailbox.endpoint, mailbox.session);
    object["capabilities"] = known(mailbox.session.capabilities);
    json::object phases = render_phases(mailbox.session.phases);
    phases["select_s"] = known(mailbox.select_s);
    phases["look_s"] = known(mailbox.look_s);
    object["phases"] = std::move(phases);
    json::array folders;
    for (const FolderObservation &folder : mailbox.folders) {
        folders.push_back(json::object{{"name", folder.name},
                                       {"role", role_name(folder.role)},
                                       {"messages", known(folder.messages)},
                                       {"read_only", known(folder.read_only)},
                                       {"error", known(folder.error)}});
    }
    object["folders"] = std::move(folders);
    object["quota"] = mailbox.quota ? json::value(render_quota(*mailbox.quota)) : nullptr;
    object["deletion"] = nullptr;
    if (mailbox.deletion) {
        object["deletion"] = json::object{{"asked", true},
                                          {"deleted", mailbox.deletion->deleted},
                                          {"left", mailbox.deletion->left},
                                          {"why_left", known(mailbox.deletion->why_left)}};
    }
    object["clock_offset_s"] = known(mailbox.clock_offset_s);
    object["problems"] = render_problems(mailbox.problems);
    return object;
}

}  // namespace mail_relay::roundtrip
