#include "agent_plugin/render_connection.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "agent_plugin/connection_json.h"
#include "agent_plugin/render_common.h"

namespace mail_relay {

namespace json = boost::json;

json::object render_connection(std::string_view instance, std::int64_t now,
                               const ConnectionFacts &facts, const Findings &findings) {
    json::array relays;
    for (const RelayLook &relay : facts.relays) {
        json::object rendered = render_relay_look(relay);
        rendered["time"] = now;  // of the section, as certificates are judged by it
        relays.emplace_back(std::move(rendered));
    }
    json::object object = render_head(instance, now);
    object["looked_at"] = render_known(facts.looked_at);
    object["cached"] = facts.cached;
    object["interval_s"] = facts.interval_s;
    object["took_s"] = facts.took_s;
    object["skipped"] = facts.skipped.empty() ? json::value(nullptr) : json::value(facts.skipped);
    object["relays"] = std::move(relays);
    object["findings"] = render_findings(findings);
    object["problems"] = render_problems(facts.problems);
    return object;
}

}  // namespace mail_relay
