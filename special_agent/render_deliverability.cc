#include "special_agent/render_deliverability.h"

#include <boost/json.hpp>

#include "common/json_text.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

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

}  // namespace

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

json::object render_deliverability(const LoopDefinition &loop, const std::string &stored,
                                   std::int64_t now) {
    json::object object = stored_object(stored);
    object["loop"] = loop.name;
    object["time"] = now;
    for (const char *key :
         {"probe", "folder", "authentication", "hops", "sending_address", "block_lists"}) {
        object.emplace(key, nullptr);
    }
    object.emplace("problems", json::array());
    return object;
}

}  // namespace mail_relay::roundtrip
