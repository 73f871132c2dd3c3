#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// How a client offers TLS.
struct TlsOffer {
    std::vector<std::string> protocols;  ///< "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"; empty: all
    std::string ciphers;                 ///< OpenSSL's list for TLS 1.2 and older; empty: default
    std::string server_name;             ///< told to the server (SNI); empty: none
    std::string certificate_file;        ///< PEM, own chain; empty: none
    std::string key_file;                ///< PEM
};

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX *)>;

/// A client's context that takes no settings from the system's own configuration of OpenSSL.
TlsContext make_client_context();

/// Makes the context offer what the client would. An error names what it cannot offer.
Result<void> offer_tls(const TlsOffer &offer, SSL_CTX *context);

}  // namespace mail_relay
