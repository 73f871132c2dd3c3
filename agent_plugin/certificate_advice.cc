#include "agent_plugin/certificate_advice.h"

#include "agent_plugin/ca_file_advice.h"

namespace mail_relay {

namespace {

bool says(const std::string &error, std::string_view words) {
    return error.find(words) != std::string::npos;
}

/// The server's own certificate alone, which somebody else issued.
bool lacks_intermediate(const TlsObservation &tls) {
    return tls.chain.size() == 1 && tls.chain.front().subject != tls.chain.front().issuer;
}

}  // namespace

std::vector<std::string> certificate_advice(const RelayContext &context, const SmtpLook &look) {
    const TlsObservation tls = look.seen.tls.value_or(TlsObservation());
    const std::string error = tls.verify_error.value_or("");
    const std::string &server = context.relay.server;
    if (says(error, "expired") || says(error, "not yet valid")) {
        return {
            "date  # is this host's clock right?",
            fmt::format("# if so the operator of {} has to renew the certificate, then:", server),
            context.repair.flush()};
    }
    if (says(error, "mismatch")) {
        return {fmt::format("openssl s_client -connect {}:{}{} </dev/null | openssl x509 -noout "
                            "-subject -ext subjectAltName",
                            server, context.relay.port,
                            context.relay.tls_mode == TlsMode::kStartTls ? " -starttls smtp" : ""),
                "# write relayhost with a name that stands there, or ask the operator, then:",
                context.repair.reload(), context.repair.flush()};
    }
    if (says(error, "chain too long")) {
        return {fmt::format("# the operator of {} has to send fewer certificates; what this host "
                            "follows: postconf smtp_tls_scert_verifydepth",
                            server),
                context.repair.flush()};
    }
    const std::string bundle = system_ca_file(context.distribution);
    if (context.configuration.smtp_client("smtp_tls_CAfile") != bundle) {
        auto commands = ca_file_advice(context.repair, context.distribution);
        commands.push_back(context.repair.reload());
        commands.push_back(context.repair.flush());
        return commands;
    }
    if (lacks_intermediate(tls)) {
        return {fmt::format("# {} does not send the certificate of {}: its operator has to add it",
                            server, tls.chain.front().issuer)};
    }
    return {
        fmt::format("# append the certificate of the authority of {} to {}, then:", server, bundle),
        context.repair.reload(), context.repair.flush()};
}

}  // namespace mail_relay
