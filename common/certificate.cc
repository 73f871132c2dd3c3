#include "common/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <limits>
#include <memory>
#include <optional>

namespace mail_relay {

namespace {

template <auto kFree>
struct Freed {
    template <class T>
    void operator()(T *object) const {
        kFree(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<&BIO_free_all>>;
using X509Pointer = std::unique_ptr<X509, Freed<&X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;

/// Everything OpenSSL has to say about the last failure.
std::string take_errors() {
    std::string text;
    while (const unsigned long code = ::ERR_get_error()) {
        const char *const reason = ::ERR_reason_error_string(code);
        text += text.empty() ? "" : ", ";
        text += reason != nullptr ? reason : "unknown error";
    }
    return text.empty() ? "no reason given" : text;
}

Result<Bio> open_text(std::string_view text) {
    // Its configuration files are those of the machine it was built on.
    ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    ::ERR_clear_error();
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return failed("too large");
    }
    Bio bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) {
        return failed("{}", take_errors());
    }
    return bio;
}

/// One block of a PEM text.
class PemBlock {
  public:
    PemBlock() = default;
    PemBlock(const PemBlock &) = delete;
    PemBlock &operator=(const PemBlock &) = delete;
    ~PemBlock() { clear(); }

    bool read(BIO *bio) {
        clear();
        return ::PEM_read_bio(bio, &name_, &header_, &bytes_, &size_) == 1;
    }
    std::string_view name() const { return name_; }
    const unsigned char *bytes() const { return bytes_; }
    long size() const { return size_; }

  private:
    void clear() {
        ::OPENSSL_free(name_);
        ::OPENSSL_free(header_);
        ::OPENSSL_clear_free(bytes_, static_cast<std::size_t>(size_));  // may be a private key
        name_ = nullptr;
        header_ = nullptr;
        bytes_ = nullptr;
        size_ = 0;
    }

    char *name_ = nullptr;
    char *header_ = nullptr;
    unsigned char *bytes_ = nullptr;
    long size_ = 0;
};

/// False at the end of the text, an error for a damaged block.
Result<bool> next_block(BIO *bio, PemBlock &block) {
    if (block.read(bio)) {
        return true;
    }
    if (ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
        ::ERR_clear_error();
        return false;
    }
    return failed("damaged block: {}", take_errors());
}

X509Pointer decode_certificate(const PemBlock &block) {
    const unsigned char *bytes = block.bytes();
    if (block.name() == PEM_STRING_X509_TRUSTED) {
        return X509Pointer(::d2i_X509_AUX(nullptr, &bytes, block.size()));
    }
    return X509Pointer(::d2i_X509(nullptr, &bytes, block.size()));
}

bool is_certificate(std::string_view name) {
    return name == PEM_STRING_X509 || name == PEM_STRING_X509_OLD ||
           name == PEM_STRING_X509_TRUSTED;
}

std::optional<std::int64_t> unix_time(const ASN1_TIME *time) {
    std::tm parts{};
    if (time == nullptr || ::ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return ::timegm(&parts);
}

std::string name_text(const X509_NAME *name) {
    const Bio bio(::BIO_new(::BIO_s_mem()));
    // RFC 2253 puts the most specific part first; UTF-8 stays as it is.
    if (!bio ||
        ::X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
        return "";
    }
    char *text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

Result<Certificate> describe(const X509 *x509) {
    const auto not_before = unix_time(::X509_get0_notBefore(x509));
    const auto not_after = unix_time(::X509_get0_notAfter(x509));
    if (!not_before || !not_after) {
        return failed("a certificate without valid times: {}", take_errors());
    }
    return Certificate{.subject = name_text(::X509_get_subject_name(x509)),
                       .issuer = name_text(::X509_get_issuer_name(x509)),
                       .not_before = *not_before,
                       .not_after = *not_after};
}

Result<X509Pointer> first_certificate(std::string_view pem) {
    const auto bio = open_text(pem);
    if (!bio) {
        return bio.error();
    }
    PemBlock block;
    for (;;) {
        const auto more = next_block(bio->get(), block);
        if (!more) {
            return more.error();
        }
        if (!*more) {
            return failed("no certificate");
        }
        if (is_certificate(block.name())) {
            auto certificate = decode_certificate(block);
            if (!certificate) {
                return failed("damaged certificate: {}", take_errors());
            }
            return certificate;
        }
    }
}

}  // namespace

int refuse_passphrase(char * /*buffer*/, int /*size*/, int /*writing*/, void *asked) {
    *static_cast<bool *>(asked) = true;
    return -1;
}

Result<std::vector<Certificate>> parse_certificates(std::string_view pem) {
    const auto bio = open_text(pem);
    if (!bio) {
        return bio.error();
    }
    std::vector<Certificate> certificates;
    bool has_revocation_list = false;
    PemBlock block;
    for (;;) {
        const auto more = next_block(bio->get(), block);
        if (!more) {
            return failed("after {} certificates: {}", certificates.size(), more.error().message());
        }
        if (!*more) {
            break;
        }
        has_revocation_list |= block.name() == PEM_STRING_X509_CRL;
        if (!is_certificate(block.name())) {
            continue;
        }
        const auto x509 = decode_certificate(block);
        if (!x509) {
            return failed("certificate {} is damaged: {}", certificates.size() + 1, take_errors());
        }
        auto certificate = describe(x509.get());
        if (!certificate) {
            return certificate.error();
        }
        certificates.push_back(*std::move(certificate));
    }
    if (certificates.empty() && !has_revocation_list) {
        return failed("no certificate");
    }
    return certificates;
}

Result<bool> key_matches(std::string_view certificate_pem, std::string_view key_pem) {
    const auto certificate = first_certificate(certificate_pem);
    if (!certificate) {
        return certificate.error();
    }
    const auto bio = open_text(key_pem);
    if (!bio) {
        return bio.error();
    }
    bool passphrase = false;
    const KeyPointer key(
        ::PEM_read_bio_PrivateKey(bio->get(), nullptr, refuse_passphrase, &passphrase));
    if (passphrase) {
        ::ERR_clear_error();
        return failed("the private key needs a passphrase");
    }
    if (!key) {
        return failed("no private key: {}", take_errors());
    }
    const bool matches = ::X509_check_private_key(certificate->get(), key.get()) == 1;
    ::ERR_clear_error();
    return matches;
}

}  // namespace mail_relay
