#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string_view>

#include "common/mail_dialogue.h"
#include "common/session_observation.h"

namespace mail_relay {

/// Observations of a dialogue as JSON, and back. Reading takes what is there and leaves the rest
/// unknown; it throws on values of a wrong type, as Boost.JSON does.

boost::json::value render_failure_json(const std::optional<Failure> &failure);
std::optional<Failure> read_failure_json(const boost::json::object &parent);

boost::json::value render_tls_json(const std::optional<TlsObservation> &tls);
std::optional<TlsObservation> read_tls_json(const boost::json::object &parent);

/// "none", "starttls", "implicit"
std::string_view tls_mode_name(TlsMode mode);

}  // namespace mail_relay
