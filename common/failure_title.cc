#include "common/failure_title.h"

#include <array>
#include <cstddef>

namespace mail_relay {

namespace {

// In the order of FailureClass.
constexpr std::array<std::string_view, kFailureClassCount> kTitles = {
    "name cannot be resolved",
    "connection refused",
    "connection timed out",
    "no route to the server",
    "no IPv6 route to the server",
    "no greeting from the server",
    "connection lost",
    "TLS required but not offered",
    "TLS handshake failed",
    "certificate not accepted",
    "no usable SASL mechanism installed",
    "no common SASL mechanism",
    "authentication failed",
    "provider wants an app password",
    "provider takes no passwords any more",
    "OAuth token is invalid",
    "server requires authentication",
    "sender rejected",
    "recipient rejected",
    "relaying denied",
    "mailbox full",
    "message too large",
    "content rejected",
    "sending limit reached",
    "sending too fast",
    "greylisted",
    "blocked for reputation",
    "fault of this host",
    "mail loop",
    "fault of the remote server",
    "other reason",
};

}  // namespace

std::string_view failure_title(FailureClass failure) {
    return kTitles.at(static_cast<std::size_t>(failure));
}

}  // namespace mail_relay
