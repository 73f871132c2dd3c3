#include "special_agent/render_session.h"

#include <boost/json.hpp>

#include "special_agent/render_values.h"

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

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

}  // namespace

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

}  // namespace mail_relay::roundtrip
