#include "special_agent/oauth_token.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "common/atomic_file.h"
#include "common/child_process.h"
#include "common/file_tree.h"
#include "common/https_post.h"
#include "common/mail_dialogue.h"
#include "special_agent/secret_json.h"

namespace mail_relay::roundtrip {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostCache = 200'000;
constexpr std::size_t kMostToken = 20'000;
constexpr std::size_t kMostShown = 500;
constexpr std::int64_t kMargin = 60;
constexpr std::int64_t kLongestLife = 86'400;

/// What is kept between runs.
struct KeptToken {
    Secret token;
    Secret refresh_token;  // the one the endpoint gave last
    std::int64_t obtained = 0;
    std::int64_t expires = 0;
};

// Tells requests apart: a kept token is good only for the one it was given for.
std::string identity(const TokenRequest &request) {
    std::string text;
    for (const auto part :
         {std::string_view(request.token_url), std::string_view(request.client_id),
          std::string_view(request.scope), request.refresh_token.view()}) {
        text += fmt::format("{}:{}", part.size(), part);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    wipe(text);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += fmt::format("{:02x}", digest.at(i));
    }
    return hex;
}

KeptToken read_kept(const TokenRequest &request) {
    KeptToken kept;
    auto content = request.cache_file.empty()
                       ? Result<std::string>("")
                       : FileTree().read(request.cache_file, kMostCache, FollowLinks::kNo);
    if (!content) {
        return kept;  // none yet, or unreadable: a new one is fetched and replaces it
    }
    const SecretJson cache(*content);
    if (cache.text("for") == identity(request)) {
        kept.token = Secret(cache.text("access_token"));
        kept.refresh_token = Secret(cache.text("refresh_token"));
        kept.obtained = cache.number("obtained");
        kept.expires = cache.number("expires");
    }
    wipe(*content);
    return kept;
}

Result<void> keep(const TokenRequest &request, const KeptToken &kept) {
    if (request.cache_file.empty()) {
        return {};
    }
    auto content = fmt::format(
        R"({{"version":1,"for":"{}","obtained":{},"expires":{},"access_token":{},"refresh_token":{}}})",
        identity(request), kept.obtained, kept.expires,
        json::serialize(json::string(kept.token.view())),
        json::serialize(json::string(kept.refresh_token.view())));
    auto written = write_file_atomically(request.cache_file, content);
    wipe(content);
    return written;
}

std::string hide_secrets(const TokenRequest &request, const KeptToken &kept, std::string text) {
    for (const auto *secret :
         {&request.client_secret, &request.refresh_token, &kept.refresh_token, &kept.token}) {
        text = hide_secret(std::move(text), secret->view());
    }
    return one_line(text, kMostShown);
}

Secret form(const TokenRequest &request, const KeptToken &kept) {
    const bool refresh = request.grant == TokenRequest::Grant::kRefreshToken;
    std::string text = form_field("grant_type", refresh ? "refresh_token" : "client_credentials");
    text.reserve(4 * (request.client_secret.view().size() + request.refresh_token.view().size() +
                      kept.refresh_token.view().size()) +
                 4'096);
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) {
            auto field = form_field(name, value);
            text += '&';
            text += field;
            wipe(field);
        }
    };
    add("client_id", request.client_id);
    add("client_secret", request.client_secret.view());
    if (refresh) {
        add("refresh_token",
            kept.refresh_token.empty() ? request.refresh_token.view() : kept.refresh_token.view());
    }
    add("scope", request.scope);
    return Secret::take(text);
}

bool is_good(const KeptToken &kept, std::int64_t now) {
    // A token from the future: the clock was set back, nobody knows how long it is good.
    return !kept.token.empty() && kept.obtained <= now + kMargin && now < kept.expires - kMargin;
}

bool fits_into_a_command(std::string_view token) {
    return !token.empty() && token.size() <= kMostToken &&
           std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Failure refusal(const TokenRequest &request, const KeptToken &kept, const HttpsAnswer &answer,
                const SecretJson &body) {
    const auto error = body.text("error");
    const auto reply = hide_secrets(
        request, kept,
        error.empty()
            ? fmt::format("HTTP {}", answer.status)
            : fmt::format("HTTP {} {}: {}", answer.status, error, body.text("error_description")));
    const auto kind = answer.status == 429   ? FailureClass::kRateLimited
                      : answer.status >= 500 ? FailureClass::kServerError
                                             : FailureClass::kOauthToken;
    return {"token", kind, fmt::format("{} gives no token: {}", request.token_url, reply), reply};
}

}  // namespace

TokenAnswer get_token(const TokenRequest &request, std::int64_t now, Deadline deadline) {
    TokenAnswer answer;
    auto kept = read_kept(request);
    if (is_good(kept, now)) {
        answer.token = std::move(kept.token);
        return answer;
    }
    HttpsPost post{request.token_url, form(request, kept), request.ca_file, request.dns};
    const auto response = post_https(post, deadline);
    if (response.status == 0) {
        answer.failure = {"token", response.kind, response.error, std::nullopt};
        return answer;
    }
    const SecretJson body(response.body.view());
    if (response.status != 200 || !body.text("error").empty()) {
        answer.failure = refusal(request, kept, response, body);
        return answer;
    }
    const auto token = body.text("access_token");
    if (!fits_into_a_command(token)) {
        answer.failure = {
            "token", FailureClass::kOauthToken,
            fmt::format("{} answered without a usable access_token", request.token_url),
            std::nullopt};
        return answer;
    }
    answer.token = Secret(token);
    kept.token = Secret(token);
    if (const auto next = body.text("refresh_token"); !next.empty()) {
        kept.refresh_token = Secret(next);
    }
    kept.obtained = now;
    kept.expires = now + std::clamp<std::int64_t>(body.number("expires_in"), 0, kLongestLife);
    if (const auto written = keep(request, kept); !written) {
        answer.cache_problem = written.error().message();
    }
    return answer;
}

void forget_token(const TokenRequest &request) {
    auto kept = read_kept(request);
    if (!kept.token.empty()) {
        kept.token = Secret();
        (void)keep(request, kept);
    }
}

}  // namespace mail_relay::roundtrip
