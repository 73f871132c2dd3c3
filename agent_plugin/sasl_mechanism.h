#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

/// Mechanisms that a Cyrus SASL plug-in of this name offers: "plain" of libplain.so offers PLAIN,
/// "sasldb" none. nullopt: a name we do not know.
/// Source: Cyrus SASL plugins/, cyrus-sasl-xoauth2, sasl-xoauth2.
std::optional<std::vector<std::string>> mechanisms_of_plugin(std::string_view plugin);

/// Names of mechanisms among the NUL-terminated texts of a library, for plug-ins of unknown name or
/// with mechanisms that depend on their version.
std::vector<std::string> find_mechanism_names(std::string_view library);

/// Whether the mechanism logs on with the user and password of smtp_sasl_password_maps alone.
bool uses_password(std::string_view mechanism);

/// PLAIN, LOGIN and the token mechanisms: those that "noplaintext" rules out, and the only ones
/// that most relays offer.
bool sends_plaintext(std::string_view mechanism);

/// The first word of smtp_sasl_security_options that Postfix does not know: it then ends with a
/// fatal error. nullopt: all are known. Source: Postfix src/xsasl/xsasl_cyrus_security.c.
std::optional<std::string> unknown_security_option(const std::vector<std::string> &options);

/// Whether Cyrus SASL still chooses the mechanism under these options. Mechanisms that we do not
/// know are taken to satisfy all.
bool satisfies_options(std::string_view mechanism, const std::vector<std::string> &options);

/// Whether smtp_sasl_mechanism_filter lets a mechanism pass; nullopt: a file or table decides.
/// Source: Postfix src/util/match_list.c: the first pattern that matches decides.
std::optional<bool> passes_filter(std::string_view mechanism,
                                  const std::vector<std::string> &filter);

}  // namespace mail_relay
