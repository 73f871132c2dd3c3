#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/mail_session.h"
#include "special_agent/loop_definition.h"
#include "special_agent/loop_secrets.h"
#include "special_agent/oauth_token.h"

namespace mail_relay::roundtrip {

/// What a login of a definition comes to: credentials, or why there are none.
struct ResolvedLogin {
    Credentials credentials;
    std::optional<Failure> failure;             ///< phase token
    std::string problem;                        ///< beside usable credentials; as a rule empty
    std::optional<TokenRequest> token_request;  ///< OAuth2: to forget a token the server refused
};

/// `token_cache` is the file for a token of this login. Asks the token endpoint if it has to.
ResolvedLogin resolve_login(const Login &login, const SecretMap &secrets,
                            const std::string &token_cache, const std::string &ca_file,
                            const DnsSettings &dns, std::int64_t now, Deadline deadline);

/// After a dialogue: a token that the server refused is not used again.
void forget_refused_token(const ResolvedLogin &login, const std::optional<Failure> &failure);

}  // namespace mail_relay::roundtrip
