#include "special_agent/login.h"

namespace mail_relay::roundtrip {

namespace {

/// The secret of a slot; empty for no slot. missing_secret() has seen to it that it is there.
Secret secret_of(const std::string &slot, const SecretMap &secrets) {
    const auto found = secrets.find(slot);
    return found == secrets.end() || !found->second ? Secret() : *found->second;
}

}  // namespace

ResolvedLogin resolve_login(const Login &login, const SecretMap &secrets,
                            const std::string &token_cache, const std::string &ca_file,
                            const DnsSettings &dns, std::int64_t now, Deadline deadline) {
    ResolvedLogin resolved;
    resolved.credentials.user = login.user;
    resolved.credentials.mechanism = login.mechanism;
    if (login.kind == Login::Kind::kPassword) {
        resolved.credentials.secret = secret_of(login.secret, secrets);
        return resolved;
    }
    TokenRequest request;
    request.token_url = login.token_url;
    request.grant = login.kind == Login::Kind::kClientCredentials
                        ? TokenRequest::Grant::kClientCredentials
                        : TokenRequest::Grant::kRefreshToken;
    request.client_id = login.client_id;
    request.client_secret = secret_of(login.client_secret, secrets);
    request.refresh_token = secret_of(login.refresh_token, secrets);
    request.scope = login.scope;
    request.ca_file = ca_file;
    request.dns = dns;
    request.cache_file = token_cache;
    TokenAnswer answer = get_token(request, now, deadline);
    resolved.credentials.secret = std::move(answer.token);
    resolved.credentials.is_token = true;
    resolved.failure = std::move(answer.failure);
    resolved.problem = std::move(answer.cache_problem);
    resolved.token_request = std::move(request);
    return resolved;
}

void forget_refused_token(const ResolvedLogin &login, const std::optional<Failure> &failure) {
    if (login.token_request && failure && failure->phase == "auth") {
        forget_token(*login.token_request);
    }
}

}  // namespace mail_relay::roundtrip
