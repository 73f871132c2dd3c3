#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <string>

namespace mail_relay::test {

/// A certificate made at run time, with its key; signed by another one or by itself.
class TestCertificate {
  public:
    struct Wish {
        std::string name = "localhost";
        std::string alternative_names = "DNS:localhost,IP:127.0.0.1,IP:127.0.0.2";
        long begins_in_s = -3600;
        long ends_in_s = 3600;
        bool authority = false;
    };

    explicit TestCertificate(const Wish &wish, const TestCertificate *issuer = nullptr)
        : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
        X509_set_version(certificate_.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), ++last_serial());
        X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), wish.begins_in_s);
        X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), wish.ends_in_s);
        X509_set_pubkey(certificate_.get(), key_.get());
        auto *subject = X509_get_subject_name(certificate_.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char *>(wish.name.c_str()), -1,
                                   -1, 0);
        auto *issued_by = issuer != nullptr ? issuer->certificate() : certificate_.get();
        X509_set_issuer_name(certificate_.get(), X509_get_subject_name(issued_by));
        add(issued_by, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (!wish.authority) {
            add(issued_by, NID_subject_alt_name, wish.alternative_names);
        }
        X509_sign(certificate_.get(), issuer != nullptr ? issuer->key() : key_.get(), EVP_sha256());
    }

    X509 *certificate() const { return certificate_.get(); }
    EVP_PKEY *key() const { return key_.get(); }

    void write(const std::string &path) const {
        const std::unique_ptr<BIO, int (*)(BIO *)> text(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_X509(text.get(), certificate_.get());
        char *bytes = nullptr;
        const auto size = BIO_get_mem_data(text.get(), &bytes);
        std::ofstream(path).write(bytes, size);
    }

  private:
    static long &last_serial() {
        static long serial = 0;
        return serial;
    }

    void add(X509 *issuer, int kind, const std::string &value) {
        X509V3_CTX context{};
        X509V3_set_ctx(&context, issuer, certificate_.get(), nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION *)> extension(
            X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
        X509_add_ext(certificate_.get(), extension.get(), -1);
    }

    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY *)> key_;
    std::unique_ptr<X509, void (*)(X509 *)> certificate_;
};

}  // namespace mail_relay::test
