#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// An X.509 certificate. Names in the form "CN=mail.example.org,O=Example"; times in Unix seconds.
struct Certificate {
    std::string subject;
    std::string issuer;
    std::int64_t not_before = 0;
    std::int64_t not_after = 0;
};

/// The certificates of a PEM text, in order; other blocks are passed over. As for OpenSSL's loader
/// of CA files, one damaged certificate spoils all, and a text without any is an error (unless it
/// holds a revocation list). Source: RFC 7468, OpenSSL X509_load_cert_crl_file(3).
Result<std::vector<Certificate>> parse_certificates(std::string_view pem);

/// Whether the first private key of `key_pem` belongs to the first certificate of
/// `certificate_pem`. A key that needs a passphrase is an error: a daemon has nobody to ask.
Result<bool> key_matches(std::string_view certificate_pem, std::string_view key_pem);

/// A pem_password_cb that has none and notes in the bool `asked` that one was wanted. Without it
/// OpenSSL asks at the terminal, and waits.
int refuse_passphrase(char *buffer, int size, int writing, void *asked);

}  // namespace mail_relay
