#include "common/tls_offer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "common/certificate.h"

namespace mail_relay {

namespace {

constexpr auto kProtocols =
    std::to_array<std::pair<std::string_view, std::uint64_t>>({{"TLSv1", SSL_OP_NO_TLSv1},
                                                               {"TLSv1.1", SSL_OP_NO_TLSv1_1},
                                                               {"TLSv1.2", SSL_OP_NO_TLSv1_2},
                                                               {"TLSv1.3", SSL_OP_NO_TLSv1_3}});

std::string openssl_reason() {
    const auto code = ERR_peek_error();
    const char *const reason = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code))
                                                      : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason != nullptr ? reason : "no reason given";
}

Result<void> use_certificate(const TlsOffer &offer, SSL_CTX *context) {
    bool asked = false;
    SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
    const bool used =
        SSL_CTX_use_certificate_chain_file(context, offer.certificate_file.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, offer.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    if (used) {
        return {};
    }
    const std::string reason = openssl_reason();
    return failed("cannot use the client certificate {}: {}", offer.certificate_file,
                  asked ? "its private key needs a passphrase" : reason);
}

}  // namespace

TlsContext make_client_context() {
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return {SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
}

Result<void> offer_tls(const TlsOffer &offer, SSL_CTX *context) {
    // What is too weak is for the settings to say; the library's own opinion is another one.
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    for (const auto &[name, exclusion] : kProtocols) {
        if (!offer.protocols.empty() && std::find(offer.protocols.begin(), offer.protocols.end(),
                                                  name) == offer.protocols.end()) {
            SSL_CTX_set_options(context, exclusion);
        }
    }
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
    if (!offer.ciphers.empty() && SSL_CTX_set_cipher_list(context, offer.ciphers.c_str()) != 1) {
        return failed("cannot use the cipher list {}: {}", offer.ciphers, openssl_reason());
    }
    return offer.certificate_file.empty() ? Result<void>() : use_certificate(offer, context);
}

}  // namespace mail_relay
