#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "common/failure.h"
#include "common/problem.h"
#include "special_agent/mailbox.h"

namespace mail_relay::roundtrip {

/// null for what is not known.
template <class Value>
boost::json::value known(const std::optional<Value> &value) {
    return value ? boost::json::value_from(*value) : boost::json::value(nullptr);
}

/// null for an empty text.
boost::json::value text_or_null(const std::string &text);

boost::json::array render_problems(const Problems &problems);
std::string_view role_name(FolderRole role);

/// The JSON object that an earlier run has left; empty if there is none.
boost::json::object stored_object(const std::string &text);

}  // namespace mail_relay::roundtrip
