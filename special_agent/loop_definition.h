#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mail_session.h"
#include "common/result.h"
#include "special_agent/continuity.h"
#include "special_agent/submission.h"

namespace mail_relay::roundtrip {

/// How to log in. Secrets are named by slot ("1.submission"), never held here.
struct Login {
    enum class Kind { kPassword, kClientCredentials, kRefreshToken };

    Kind kind = Kind::kPassword;
    std::string user;
    std::string mechanism;  ///< "PLAIN", ...; empty: what the server offers
    std::string secret;     ///< slot of the password
    std::string token_url;  ///< OAuth2 only, like the rest
    std::string client_id;
    std::string client_secret;  ///< slot; empty: a public client
    std::string refresh_token;  ///< slot
    std::string scope;
};

/// A server to talk to.
struct Endpoint {
    std::string server;
    std::uint16_t port = 0;
    TlsMode tls = TlsMode::kStartTls;
    bool verify = true;
    AddressFamily family = AddressFamily::kAny;
};

struct SubmissionDefinition {
    Endpoint endpoint;
    std::string helo;  ///< empty: our own host name
    std::optional<Login> login;
    std::optional<RelayQuestion> open_relay;
};

struct MailboxDefinition {
    Endpoint endpoint;
    Login login;
    std::string folder = "INBOX";
    std::string junk_folder;  ///< empty: the folder marked \Junk
    std::vector<std::string> further_folders;
    bool delete_probes = false;
};

/// One loop as the rule defines it.
struct LoopDefinition {
    std::string name;
    LoopKind kind = LoopKind::kInternal;
    std::chrono::milliseconds interval{300'000};
    std::chrono::milliseconds wait{5'000};
    std::chrono::milliseconds lost_after{3'600'000};
    std::string from;
    std::string to;
    std::string subject = "Checkmk mail roundtrip";
    SubmissionDefinition submission;
    MailboxDefinition mailbox;
    std::string authority;  ///< authserv-id to trust; empty: the topmost
    std::vector<std::string> block_lists;
};

/// What can be said of a loop whose definition cannot be used.
struct DefinitionError {
    std::string loop;              ///< its name, or "loop N"
    std::optional<LoopKind> kind;  ///< if it could be read
    std::string error;             ///< "submission.port: 99999 is not from 1 to 65535"
};

/// Reads the JSON of one --loop (keys and defaults: README, "Loop definition"). `position` counts
/// from 1. Unknown keys are errors: a misspelt option must not be ignored in silence.
boost::system::result<LoopDefinition, DefinitionError> parse_loop(std::string_view json,
                                                                  int position);

}  // namespace mail_relay::roundtrip
