#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/fact_cache.h"
#include "agent_plugin/tls_facts.h"
#include "common/file_tree.h"
#include "common/problem.h"

namespace mail_relay {

/// A PEM bundle. Parsing one is dear: the cache keeps when its certificates end.
CaStore examine_ca_file(const FileTree &files, const std::string &path, FactCache &cache,
                        std::int64_t now, Problems &problems);

/// A folder of certificates under hashed names ("4a6481c9.0"); other names OpenSSL never opens.
/// `jail` is the queue directory of a chrooted smtp client, "" without one.
CaStore examine_ca_path(const FileTree &files, const std::string &path, const std::string &jail,
                        FactCache &cache, std::int64_t now, Problems &problems);

/// smtp_tls_chain_files, or the pairs of smtp_tls_cert_file and its kin.
std::vector<ClientCertificate> examine_client_certificates(const FileTree &files,
                                                           const Configuration &configuration,
                                                           FactCache &cache, std::int64_t now,
                                                           Problems &problems);

}  // namespace mail_relay
