#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/instance.h"
#include "agent_plugin/tls_level.h"
#include "agent_plugin/tls_policy.h"
#include "common/problem.h"

namespace mail_relay {

/// smtp_tls_CAfile or smtp_tls_CApath. The smtp client reads the file before it enters the jail,
/// the folder only inside.
struct CaStore {
    std::string path;
    std::optional<bool> present;
    std::optional<std::int64_t> certificates;
    std::optional<std::int64_t> expired;
    std::optional<bool> in_jail;  ///< can be read where the smtp client reads it
    std::string fault;            ///< why Postfix cannot use it; "" if it can
};

/// A certificate the smtp client presents, with its key.
struct ClientCertificate {
    std::string path;
    std::string key_path;
    std::string subject;
    std::optional<std::int64_t> not_after;  ///< Unix seconds
    std::optional<bool> matches_key;
    std::string fault;  ///< why Postfix cannot use it; "" if it can
};

/// How the delivering smtp client protects what it sends.
struct TlsFacts {
    Instance instance;
    ConfiguredLevel level;
    TlsPolicies policies;  ///< with the level towards each relayhost
    bool wrapper_mode = false;
    bool chroot = false;
    std::string protocols;
    std::string mandatory_protocols;
    std::string ciphers;
    std::string mandatory_ciphers;
    std::optional<CaStore> ca_file;  ///< nullopt: not configured
    std::optional<CaStore> ca_path;
    bool has_trust_anchors = false;  ///< smtp_tls_trust_anchor_file
    std::vector<ClientCertificate> client_certificates;
    /// Relayhosts that a password is, or is meant to be, sent to.
    std::vector<std::string> password_relayhosts;
    Problems problems;
};

}  // namespace mail_relay
