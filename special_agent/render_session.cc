#include "special_agent/render_session.h"

#include <boost/json.hpp>

#include "common/session_json.h"
#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

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
    object["failure"] = render_failure_json(session.failure);
    object["addresses"] = std::move(addresses);
    object["banner"] = known(session.banner);
    object["auth_mechanisms"] = known(session.auth_mechanisms);
    object["authenticated_with"] = known(session.authenticated_with);
    object["tls"] = render_tls_json(session.tls);
}

json::object render_phases(const SessionPhases &phases) {
    return {{"resolve_s", known(phases.resolve_s)},   {"connect_s", known(phases.connect_s)},
            {"greeting_s", known(phases.greeting_s)}, {"tls_s", known(phases.tls_s)},
            {"auth_s", known(phases.auth_s)},         {"total_s", phases.total_s}};
}

}  // namespace mail_relay::roundtrip
