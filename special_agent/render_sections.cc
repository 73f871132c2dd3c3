#include "special_agent/render_sections.h"

#include <boost/json.hpp>

#include "common/section.h"
#include "special_agent/render_deliverability.h"
#include "special_agent/render_mailbox.h"
#include "special_agent/render_roundtrip.h"
#include "special_agent/render_submission.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

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

}  // namespace

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
        submissions.push_back(render_submission(loop, report.state, now));
        if (report.mailbox) {
            mailboxes.push_back(render_mailbox(loop, *report.mailbox, now));
        }
        deliverabilities.push_back(render_deliverability(loop, report.state.deliverability, now));
    }
    return render_section("mail_roundtrip", roundtrips) +
           render_section("mail_roundtrip_submission", submissions) +
           render_section("mail_roundtrip_mailbox", mailboxes) +
           render_section("mail_roundtrip_deliverability", deliverabilities) +
           render_section("mail_roundtrip_continuity", {render_continuity(results, now)});
}

}  // namespace mail_relay::roundtrip
