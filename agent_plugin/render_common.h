#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/finding.h"
#include "common/problem.h"

namespace mail_relay {

/// What every section's object begins with: the instance and when (Unix seconds) it was looked at.
boost::json::object render_head(std::string_view instance, std::int64_t now);

boost::json::array render_findings(const Findings &findings);

boost::json::array render_problems(const Problems &problems);

/// null for an unknown value.
boost::json::value render_known(const std::optional<bool> &known);
boost::json::value render_known(const std::optional<std::int64_t> &known);
boost::json::value render_known(const std::optional<std::string> &known);

/// null for 0, which is no time at all.
boost::json::value render_time(std::int64_t time);

}  // namespace mail_relay
