#include "agent_plugin/render_common.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

namespace mail_relay {

namespace json = boost::json;

namespace {

template <class T>
json::value value_or_null(const std::optional<T> &known) {
    return known ? json::value(*known) : json::value(nullptr);
}

json::object render_finding(const Finding &finding) {
    return {{"id", finding.id},
            {"area", area_name(finding.area)},
            {"severity", severity_name(finding.severity)},
            {"summary", finding.summary},
            {"evidence", finding.evidence},
            {"fix", json::value_from(finding.fix)}};
}

}  // namespace

json::object render_head(std::string_view instance, std::int64_t now) {
    return {{"instance", instance}, {"time", now}};
}

json::array render_findings(const Findings &findings) {
    json::array rendered;
    for (const auto &finding : findings) {
        rendered.emplace_back(render_finding(finding));
    }
    return rendered;
}

json::array render_problems(const Problems &problems) {
    json::array rendered;
    for (const auto &problem : problems) {
        rendered.emplace_back(json::object{{"what", problem.what}, {"error", problem.error}});
    }
    return rendered;
}

json::value render_known(const std::optional<bool> &known) {
    return value_or_null(known);
}

json::value render_known(const std::optional<std::int64_t> &known) {
    return value_or_null(known);
}

json::value render_known(const std::optional<std::string> &known) {
    return value_or_null(known);
}

json::value render_time(std::int64_t time) {
    return time == 0 ? json::value(nullptr) : json::value(time);
}

}  // namespace mail_relay
