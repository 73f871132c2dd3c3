#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mail_relay {

/// What to ask of the server's certificate.
struct TlsPolicy {
    bool verify = true;              ///< refuse a certificate that is not valid for one of `names`
    std::string ca_file;             ///< PEM bundle; empty: default_ca_file()
    std::vector<std::string> names;  ///< host names or addresses; empty: the server's own
    bool allow_old = false;          ///< TLS 1.0 and 1.1 too, to be able to report them

    std::vector<std::string> more_ca_files = {};  ///< besides `ca_file`
    std::string ca_path = {};                     ///< folder of CA files under hashed names
    bool default_ca =
        true;  ///< without any of the three, default_ca_file(); else nobody is trusted
    bool partial_chain = false;  ///< a trusted certificate need not be a root
    int depth = -1;              ///< most CA certificates of a chain; OpenSSL's default if negative
};

/// One certificate as the server sent it. Names in the form "CN=..,O=..".
struct ChainCertificate {
    std::string subject;
    std::string issuer;
    std::optional<std::int64_t> not_before;  ///< Unix time
    std::optional<std::int64_t> not_after;
};

/// More certificates of a chain are not looked at.
constexpr std::size_t kMostCertificates = 20;

struct TlsObservation {
    std::string version;  ///< "TLSv1.3"
    std::string cipher;
    std::optional<bool> verified;             ///< empty: verification is off
    std::optional<std::string> verify_error;  ///< also when verification is off
    std::vector<ChainCertificate> chain;      ///< leaf first, at most kMostCertificates
    std::optional<std::int64_t> expires;      ///< earliest not_after of the chain
    std::size_t chain_length = 0;             ///< as sent: `chain` may hold fewer
};

/// The CA bundle of the Checkmk site ($OMD_ROOT/var/ssl/ca-certificates.crt), else of the system;
/// empty when there is none. Never OpenSSL's compiled-in folder: that is the build machine's.
std::string default_ca_file();

}  // namespace mail_relay
