#include "special_agent/render_loop.h"

#include <algorithm>
#include <boost/json.hpp>

#include "common/json_text.h"
#include "common/section.h"
#include "special_agent/state_directory.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::int64_t kReportedSeconds = 86400;

template <class Value>
json::value known(const std::optional<Value> &value) {
    return value ? json::value_from(*value) : json::value(nullptr);
}

json::value text_or_null(const std::string &text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array render_problems(const Problems &problems) {
    json::array list;
    for (const Problem &problem : problems) {
        list.push_back(json::object{{"what", problem.what}, {"error", problem.error}});
    }
    return list;
}

json::value render_failure(const std::optional<Failure> &failure) {
    if (!failure) {
        return nullptr;
    }
    return json::object{{"phase", failure->phase},
                        {"class", failure_class_name(failure->kind)},
                        {"error", failure->error},
                        {"reply", known(failure->reply)}};
}

json::value render_tls(const std::optional<TlsObservation> &tls) {
    if (!tls) {
        return nullptr;
    }
    json::array chain;
    for (const ChainCertificate &certificate : tls->chain) {
        chain.push_back(json::object{{"subject", certificate.subject},
                                     {"issuer", certificate.issuer},
                                     {"not_before", known(certificate.not_before)},
                                     {"not_after", known(certificate.not_after)}});
    }
    return json::object{
        {"version", tls->version},          {"cipher", tls->cipher},
        {"verified", known(tls->verified)}, {"verify_error", known(tls->verify_error)},
        {"chain", std::move(chain)},        {"expires", known(tls->expires)}};
}

std::string_view tls_mode_name(TlsMode mode) {
    switch (mode) {
        case TlsMode::kNone:
            return "none";
        case TlsMode::kStartTls:
            return "starttls";
        case TlsMode::kImplicit:
            return "implicit";
    }
    return "none";
}

std::string_view kind_name(LoopKind kind) {
    return kind == LoopKind::kInternal ? "internal" : "external";
}

std::string_view role_name(FolderRole role) {
    switch (role) {
        case FolderRole::kInbox:
            return "inbox";
        case FolderRole::kJunk:
            return "junk";
        case FolderRole::kFurther:
            return "further";
    }
    return "inbox";
}

std::string_view measured_name(Measured measured) {
    return measured == Measured::kObserved ? "observed" : "internaldate";
}

/// What submission and mailbox have in common: the endpoint and the dialogue up to the first
/// command.
void render_session(json::object &object, const Endpoint &endpoint,
                    const SessionObservation &session) {
    json::array addresses;
    for (const AddressAttempt &attempt : session.addresses) {
        addresses.push_back(json::object{{"address", attempt.address},
                                         {"port", attempt.port},
                                         {"connected", known(attempt.connected)},
                                         {"error", text_or_null(attempt.error)}});
    }
    object["server"] = endpoint.server;
    object["port"] = endpoint.port;
    object["tls_mode"] = tls_mode_name(endpoint.tls);
    object["ok"] = !session.failure.has_value();
    object["failure"] = render_failure(session.failure);
    object["addresses"] = std::move(addresses);
    object["banner"] = known(session.banner);
    object["auth_mechanisms"] = known(session.auth_mechanisms);
    object["authenticated_with"] = known(session.authenticated_with);
    object["tls"] = render_tls(session.tls);
}

json::object render_phases(const SessionPhases &phases) {
    return {{"resolve_s", known(phases.resolve_s)},   {"connect_s", known(phases.connect_s)},
            {"greeting_s", known(phases.greeting_s)}, {"tls_s", known(phases.tls_s)},
            {"auth_s", known(phases.auth_s)},         {"total_s", phases.total_s}};
}

json::value render_relay_answer(const std::optional<RelayAnswer> &answer) {
    if (!answer) {
        return nullptr;
    }
    const char *kind = answer->kind == RelayAnswer::Kind::kRefused    ? "refused"
                       : answer->kind == RelayAnswer::Kind::kAccepted ? "accepted"
                                                                      : "unknown";
    return json::object{{"answer", kind},
                        {"reply", known(answer->reply)},
                        {"step", known(answer->step)},
                        {"failure", render_failure(answer->failure)}};
}

json::object render_completion(const Completion &completion) {
    const Arrival &arrival = completion.arrival;
    return {{"number", completion.number},
            {"sequence", arrival.probe.sequence},
            {"sent", arrival.probe.sent_ms / 1000},
            {"arrived", arrival.arrived_ms / 1000},
            {"latency_s", completion.latency_s()},
            {"measured", measured_name(arrival.measured)},
            {"late", completion.late},
            {"folder", arrival.folder}};
}

json::value seconds_of(const std::vector<Probe> &probes, bool newest) {
    if (probes.empty()) {
        return nullptr;
    }
    return (newest ? probes.back() : probes.front()).sent_ms / 1000;
}

json::object render_outstanding(const ProbeLedger &ledger, std::int64_t now) {
    json::object object{{"probes", ledger.outstanding.size()},
                        {"oldest_sent", seconds_of(ledger.outstanding, false)},
                        {"oldest_age_s", nullptr}};
    if (!ledger.outstanding.empty()) {
        const double sent = static_cast<double>(ledger.outstanding.front().sent_ms) / 1000.0;
        object["oldest_age_s"] = std::max(static_cast<double>(now) - sent, 0.0);
    }
    return object;
}

json::array render_completions(const ProbeLedger &ledger, std::int64_t now) {
    json::array list;
    for (const Completion &completion : ledger.completions) {
        if (completion.arrival.arrived_ms / 1000 >= now - kReportedSeconds) {
            list.push_back(render_completion(completion));
        }
    }
    return list;
}

/// The object of an earlier run; empty if there is none.
json::object stored_object(const std::string &text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    return !error && value.is_object() ? value.get_object() : json::object();
}

json::object render_roundtrip(const LoopDefinition &loop, const LoopReport &report,
                              std::int64_t now) {
    const ProbeLedger &ledger = report.state.ledger;
    const std::vector<Probe> open = ledger.open_losses();
    json::object object{{"loop", loop.name},
                        {"time", now},
                        {"agent_version", MAIL_RELAY_VERSION},
                        {"definition_error", nullptr},
                        {"kind", kind_name(loop.kind)},
                        {"interval_s", static_cast<double>(loop.interval.count()) / 1000.0},
                        {"wait_s", static_cast<double>(loop.wait.count()) / 1000.0},
                        {"lost_after_s", static_cast<double>(loop.lost_after.count()) / 1000.0},
                        {"last_sent", nullptr},
                        {"next_due", nullptr},
                        {"last_arrival", nullptr}};
    if (ledger.last_sent_ms) {
        object["last_sent"] = *ledger.last_sent_ms / 1000;
        object["next_due"] = (*ledger.last_sent_ms + loop.interval.count()) / 1000;
    }
    if (!ledger.completions.empty()) {
        object["last_arrival"] = render_completion(ledger.completions.back());
    }
    object["completed"] = render_completions(ledger, now);
    object["outstanding"] = render_outstanding(ledger, now);
    object["lost"] = json::object{{"open", open.size()},
                                  {"oldest_sent", seconds_of(open, false)},
                                  {"newest_sent", seconds_of(open, true)}};
    object["totals"] = json::object{
        {"since", ledger.since}, {"sent", ledger.sent}, {"completed", ledger.completed},
        {"lost", ledger.lost},   {"late", ledger.late}, {"duplicates", ledger.duplicates}};
    const json::object submission = stored_object(report.state.submission);
    const json::value *failure = submission.if_contains("failure");
    object["submission_failure"] = failure != nullptr ? *failure : json::value(nullptr);
    object["mailbox_failure"] =
        render_failure(report.mailbox ? report.mailbox->session.failure : std::nullopt);
    object["state_problem"] = text_or_null(report.state_problem);
    object["problems"] = render_problems(report.problems);
    return object;
}

json::object render_definition_error(const DefinitionError &error, std::int64_t now) {
    json::object object{{"loop", error.loop},
                        {"time", now},
                        {"agent_version", MAIL_RELAY_VERSION},
                        {"definition_error", error.error}};
    for (const char *key : {"kind", "interval_s", "wait_s", "lost_after_s", "last_sent", "next_due",
                            "last_arrival", "completed", "outstanding", "lost", "totals",
                            "submission_failure", "mailbox_failure", "state_problem"}) {
        object[key] = nullptr;
    }
    if (error.kind) {
        object["kind"] = kind_name(*error.kind);
    }
    object["problems"] = json::array();
    return object;
}

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

json::value render_verdict(const std::optional<MethodResult> &verdict) {
    if (!verdict) {
        return nullptr;
    }
    return json::object{{"result", verdict->result},
                        {"domain", text_or_null(verdict->domain)},
                        {"reason", text_or_null(verdict->reason)}};
}

json::array render_hops(const std::vector<Hop> &hops) {
    json::array list;
    for (const Hop &hop : hops) {
        list.push_back(json::object{{"from", text_or_null(hop.from)},
                                    {"by", text_or_null(hop.by)},
                                    {"protocol", text_or_null(hop.protocol)},
                                    {"time", known(hop.time)},
                                    {"delay_s", known(hop.delay_s)}});
    }
    return list;
}

json::array render_block_lists(const std::vector<BlockListAnswer> &answers) {
    json::array list;
    for (const BlockListAnswer &answer : answers) {
        const char *kind = answer.kind == BlockListAnswer::Kind::kListed      ? "listed"
                           : answer.kind == BlockListAnswer::Kind::kNotListed ? "not_listed"
                                                                              : "unknown";
        list.push_back(json::object{{"zone", answer.zone},
                                    {"answer", kind},
                                    {"codes", json::value_from(answer.codes)},
                                    {"text", text_or_null(answer.text)}});
    }
    return list;
}

/// A section object kept in the state, as of now; with every key null if there is none yet.
json::object render_stored(const LoopDefinition &loop, const std::string &stored,
                           std::initializer_list<const char *> keys, std::int64_t now) {
    json::object object = stored_object(stored);
    object["loop"] = loop.name;
    object["time"] = now;
    for (const char *key : keys) {
        object.emplace(key, nullptr);
    }
    object.emplace("problems", json::array());
    return object;
}

json::object render_stored_submission(const LoopDefinition &loop, const LoopState &state,
                                      std::int64_t now) {
    json::object object =
        render_stored(loop, state.submission,
                      {"at", "ok", "failure", "addresses", "phases", "banner", "extensions",
                       "auth_mechanisms", "authenticated_with", "tls", "queued_as", "open_relay"},
                      now);
    object.emplace("server", loop.submission.endpoint.server);
    object.emplace("port", loop.submission.endpoint.port);
    object.emplace("tls_mode", tls_mode_name(loop.submission.endpoint.tls));
    return object;
}

json::array render_health(const std::vector<LoopHealth> &loops, LoopKind kind) {
    json::array list;
    for (const LoopHealth &loop : loops) {
        if (loop.kind == kind) {
            list.push_back(json::object{{"loop", loop.loop},
                                        {"state", health_name(loop.state)},
                                        {"reason", text_or_null(loop.reason)}});
        }
    }
    return list;
}

json::object render_continuity(const std::vector<LoopResult> &results, std::int64_t now) {
    std::vector<LoopHealth> loops;
    for (const LoopResult &result : results) {
        const auto *error = std::get_if<DefinitionError>(&result.outcome);
        if (error == nullptr || error->kind) {
            loops.push_back(judge_loop(result));
        }
    }
    return {{"time", now},
            {"verdict", continuity_name(judge_continuity(loops))},
            {"internal", render_health(loops, LoopKind::kInternal)},
            {"external", render_health(loops, LoopKind::kExternal)},
            {"problems", json::array()}};
}

std::string reason_of(const char *side, const json::object &failure) {
    const json::value *error = failure.if_contains("error");
    return fmt::format("{}: {}", side,
                       error != nullptr && error->is_string()
                           ? std::string_view(error->get_string())
                           : std::string_view("failed"));
}

}  // namespace

std::string render_submission_report(const LoopDefinition &loop, const SubmissionReport &report) {
    const SubmissionObservation &seen = report.observation;
    json::object object{{"loop", loop.name}, {"at", report.at}};
    render_session(object, loop.submission.endpoint, seen.session);
    object["extensions"] = known(seen.session.capabilities);
    json::object phases = render_phases(seen.session.phases);
    phases["accept_s"] = known(seen.accept_s);
    object["phases"] = std::move(phases);
    object["queued_as"] = known(seen.queued_as);
    object["open_relay"] = render_relay_answer(report.open_relay);
    return json_line(object);
}

std::string render_deliverability_report(const Deliverability &seen) {
    json::object object{
        {"probe", json::object{{"sequence", seen.arrival.probe.sequence},
                               {"sent", seen.arrival.probe.sent_ms / 1000},
                               {"arrived", seen.arrival.arrived_ms / 1000}}},
        {"folder", json::object{{"name", seen.arrival.folder}, {"role", role_name(seen.role)}}},
        {"authentication", nullptr},
        {"hops", render_hops(seen.hops)},
        {"sending_address", nullptr},
        {"block_lists", render_block_lists(seen.block_lists)},
        {"problems", render_problems(seen.problems)}};
    if (seen.authentication) {
        object["authentication"] =
            json::object{{"authority", text_or_null(seen.authentication->authority)},
                         {"spf", render_verdict(seen.authentication->spf)},
                         {"dkim", render_verdict(seen.authentication->dkim)},
                         {"dmarc", render_verdict(seen.authentication->dmarc)}};
    }
    if (seen.sender) {
        object["sending_address"] =
            json::object{{"address", seen.sender->address},
                         {"public", seen.sender->is_public},
                         {"reverse_name", known(seen.sender->reverse_name)},
                         {"forward_confirmed", known(seen.sender->forward_confirmed)}};
    }
    return json_line(object);
}

LoopHealth judge_loop(const LoopResult &result) {
    if (const auto *error = std::get_if<DefinitionError>(&result.outcome)) {
        return {error->loop, error->kind.value_or(LoopKind::kInternal), Health::kUnknown,
                error->error};
    }
    const auto &report = std::get<LoopReport>(result.outcome);
    const LoopDefinition &loop = result.definition;
    const json::object submission = stored_object(report.state.submission);
    const json::value *failure = submission.if_contains("failure");
    if (failure != nullptr && failure->is_object()) {
        return {loop.name, loop.kind, Health::kFailing,
                reason_of("submission", failure->get_object())};
    }
    if (!report.mailbox) {
        return {loop.name, loop.kind, Health::kUnknown,
                "no look at the mailbox: " + report.state_problem};
    }
    if (report.mailbox->session.failure) {
        return {loop.name, loop.kind, Health::kFailing,
                "mailbox: " + report.mailbox->session.failure->error};
    }
    if (const auto open = report.state.ledger.open_losses(); !open.empty()) {
        return {loop.name, loop.kind, Health::kFailing,
                fmt::format("{} {} lost", open.size(), open.size() == 1 ? "probe" : "probes")};
    }
    if (report.state.ledger.completed == 0) {
        return {loop.name, loop.kind, Health::kUnknown, "no probe has arrived yet"};
    }
    return {loop.name, loop.kind, Health::kOk, {}};
}

std::string render_sections(const std::vector<LoopResult> &results, std::int64_t now) {
    std::vector<json::object> roundtrips;
    std::vector<json::object> submissions;
    std::vector<json::object> mailboxes;
    std::vector<json::object> deliverabilities;
    for (const LoopResult &result : results) {
        if (const auto *error = std::get_if<DefinitionError>(&result.outcome)) {
            roundtrips.push_back(render_definition_error(*error, now));
            continue;
        }
        const LoopDefinition &loop = result.definition;
        const auto &report = std::get<LoopReport>(result.outcome);
        roundtrips.push_back(render_roundtrip(loop, report, now));
        submissions.push_back(render_stored_submission(loop, report.state, now));
        if (report.mailbox) {
            mailboxes.push_back(render_mailbox(loop, *report.mailbox, now));
        }
        deliverabilities.push_back(render_stored(
            loop, report.state.deliverability,
            {"probe", "folder", "authentication", "hops", "sending_address", "block_lists"}, now));
    }
    return render_section("mail_roundtrip", roundtrips) +
           render_section("mail_roundtrip_submission", submissions) +
           render_section("mail_roundtrip_mailbox", mailboxes) +
           render_section("mail_roundtrip_deliverability", deliverabilities) +
           render_section("mail_roundtrip_continuity", {render_continuity(results, now)});
}

}  // namespace mail_relay::roundtrip
