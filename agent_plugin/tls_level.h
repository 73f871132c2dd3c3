#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"

namespace mail_relay {

/// TLS security levels of the smtp client, weaker before stronger.
/// Source: Postfix src/tls/tls_level.c, TLS_README.
enum class TlsLevel {
    kNone,
    kMay,
    kEncrypt,
    kFingerprint,
    kHalfDane,
    kDane,
    kDaneOnly,
    kVerify,
    kSecure
};

/// In any case of letters; nullopt for anything Postfix rejects.
std::optional<TlsLevel> parse_tls_level(std::string_view name);

std::string_view tls_level_name(TlsLevel level);

/// Whether mail may leave in plaintext at this level: none, may, and dane, which falls back to may.
bool allows_plaintext(TlsLevel level);

/// Whether the level accepts only certificates that a CA vouches for.
bool needs_ca(TlsLevel level);

/// The level for destinations without a policy of their own.
struct ConfiguredLevel {
    std::string configured;             ///< smtp_tls_security_level as set; "" when unset
    std::optional<TlsLevel> effective;  ///< nullopt: the smtp client ends with a fatal error
    std::string
        origin;  ///< "smtp_tls_security_level", "smtp_enforce_tls", "smtp_use_tls", "default"
};

/// Source: Postfix src/smtp/smtp_tls_policy.c (global_tls_level).
ConfiguredLevel configured_tls_level(const Configuration &configuration);

}  // namespace mail_relay
