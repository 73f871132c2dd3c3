#pragma once

#include <string_view>

namespace mail_relay {

/// Why a message was not delivered, in one word. The same words stand in queue reasons, delivery
/// counters and findings, and the Python side knows them by name.
enum class FailureClass {
    kResolve,          ///< a name could not be resolved: no such host, no MX, resolver failing
    kRefused,          ///< TCP connect refused
    kTimeout,          ///< TCP connect timed out
    kUnreachable,      ///< no route to the address
    kUnreachableIpv6,  ///< no route to, or no own address for, an IPv6 address
    kGreetingTimeout,  ///< connected, then nothing before or in the greeting
    kLostConnection,   ///< connection lost or timed out in a later step
    kTlsNotOffered,    ///< STARTTLS required but not offered or refused
    kTlsHandshake,     ///< TLS handshake failed
    kTlsVerify,        ///< certificate not accepted
    kSaslNoMechanism,  ///< no usable SASL plug-in on this host
    kSaslMechanismMismatch,  ///< server and client share no mechanism
    kAuthFailed,             ///< wrong credentials
    kAppPasswordRequired,    ///< provider wants an application password
    kBasicAuthDisabled,      ///< provider no longer takes passwords
    kOauthToken,             ///< OAuth token invalid or expired
    kAuthRequired,           ///< we did not authenticate and had to
    kSenderRejected,         ///< envelope sender not accepted
    kRecipientRejected,      ///< recipient unknown or refused
    kRelayDenied,            ///< the server will not relay for us
    kMailboxFull,            ///< recipient over quota
    kMessageTooLarge,        ///< size limit
    kContentRejected,        ///< refused for what this message contains
    kQuota,                  ///< sending account's limit reached
    kRateLimited,            ///< too much too fast
    kGreylisted,             ///< asked to come back later
    kReputation,             ///< our address, domain or network is blocked or distrusted
    kLocalDataError,         ///< this host's own fault: maps, configuration, disk, permissions
    kLoop,                   ///< mail loops
    kServerError,            ///< the remote has a temporary or internal problem
    kOther,                  ///< anything else
};

inline constexpr int kFailureClassCount = static_cast<int>(FailureClass::kOther) + 1;

/// "resolve", "sasl_no_mechanism", ... as sections and rules spell it.
std::string_view failure_class_name(FailureClass failure);

/// Class of a queue reason, the text of a delivery status or warning in the log, or a server's
/// reply. `dsn_status` ("4.4.1", or "" when unknown) only decides where the text does not. Reads no
/// more than the first 4 KB, in linear time; any bytes will do.
FailureClass classify_failure(std::string_view text, std::string_view dsn_status);

}  // namespace mail_relay
