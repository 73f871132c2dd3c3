#include "special_agent/render_submission.h"

#include <boost/json.hpp>

#include "common/json_text.h"
#include "common/session_json.h"
#include "special_agent/render_session.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

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
                        {"failure", render_failure_json(answer->failure)}};
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

json::object render_submission(const LoopDefinition &loop, const LoopState &state,
                               std::int64_t now) {
    json::object object = stored_object(state.submission);
    object["loop"] = loop.name;
    object["time"] = now;
    object.emplace("server", loop.submission.endpoint.server);
    object.emplace("port", loop.submission.endpoint.port);
    object.emplace("tls_mode", tls_mode_name(loop.submission.endpoint.tls));
    for (const char *key :
         {"at", "ok", "failure", "addresses", "phases", "banner", "extensions", "auth_mechanisms",
          "authenticated_with", "tls", "queued_as", "open_relay"}) {
        object.emplace(key, nullptr);
    }
    object.emplace("problems", json::array());
    return object;
}

}  // namespace mail_relay::roundtrip
