#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/dns_lookup.h"
#include "common/failure.h"
#include "common/secret.h"

namespace mail_relay::roundtrip {

struct TokenRequest {
    enum class Grant { kClientCredentials, kRefreshToken };

    std::string token_url;  ///< https only
    Grant grant = Grant::kClientCredentials;
    std::string client_id;
    Secret client_secret;  ///< empty: a public client
    Secret refresh_token;  ///< for kRefreshToken
    std::string scope;     ///< empty: none
    std::string ca_file;   ///< empty: default_ca_file()
    DnsSettings dns;
    std::string cache_file;  ///< in a private directory; empty: no cache
};

struct TokenAnswer {
    Secret token;                    ///< empty on failure
    std::optional<Failure> failure;  ///< phase token
    std::string cache_problem;       ///< the token is good, but could not be kept; as a rule empty
};

/// An access token: the kept one while it is good for another minute, else a new one (RFC 6749,
/// sections 4.4 and 6). A refresh token that the endpoint replaces is kept with it. `now` is Unix
/// time.
TokenAnswer get_token(const TokenRequest &request, std::int64_t now, Deadline deadline);

/// Forgets the kept access token: the mail server did not take it.
void forget_token(const TokenRequest &request);

}  // namespace mail_relay::roundtrip
