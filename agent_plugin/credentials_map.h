#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/lookup_table.h"
#include "agent_plugin/relayhost.h"
#include "agent_plugin/table_lookup.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// Whether a table has credentials for a next hop. Nothing of them is here.
struct CredentialsEntry {
    std::string relayhost;               ///< as written
    std::optional<bool> found;           ///< nullopt: not known, `why` says why
    std::optional<std::string> key;      ///< the key under which Postfix finds them
    std::optional<bool> well_formed;     ///< the value is "user:password"
    std::string why;                     ///< why `found` is not known
    std::vector<std::string> tried;      ///< the keys Postfix would try, in its order
    std::optional<std::string> similar;  ///< a key of the table that Postfix does not try
};

struct CredentialsMap {
    LookupTable table;
    std::vector<CredentialsEntry> entries;  ///< one for each relayhost
};

struct Credentials {
    std::vector<CredentialsMap> maps;
    bool malformed = false;  ///< smtp_sasl_password_maps cannot be read as a list of tables
    Problems problems;
};

/// The keys Postfix looks credentials up by, in its order: the server's host name (left out where
/// only the DNS knows it), then the next hop as written. The sender, if
/// smtp_sender_dependent_authentication is on, comes before both and cannot be asked here.
/// Source: Postfix src/smtp/smtp_sasl_glue.c, observed with 3.7.11.
std::vector<std::string> credentials_keys(const Relayhost &relayhost,
                                          const Configuration &configuration);

/// Whether the server's name needs the DNS: an MX look-up, or a CNAME that replaces the name.
bool host_name_needs_dns(const Relayhost &relayhost, const Configuration &configuration);

/// Keys that somebody may have meant for this next hop but that are never tried: with brackets or
/// without, with the port, without, or with another.
std::vector<std::string> similar_keys(const Relayhost &relayhost,
                                      const Configuration &configuration);

/// "user:password", neither part empty.
bool is_well_formed(std::string_view credentials);

/// Examines every table of smtp_sasl_password_maps and asks it for every relayhost.
Credentials gather_credentials(const FileTree &files, const Configuration &configuration,
                               TableLookup &lookup, std::int64_t now);

/// All tables together: true if one has credentials for this next hop, false if surely none has.
std::optional<bool> has_credentials(const Credentials &credentials, std::string_view relayhost);

}  // namespace mail_relay
