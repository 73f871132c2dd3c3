#include "agent_plugin/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <ctime>
#include <memory>
#include <string>

#include "tests/agent_plugin/scratch_folder.h"
#include "tests/common/test_certificate.h"

namespace mail_relay {
namespace {

using test::TestCertificate;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr long kDay = 86400;

class CertificateFilesTest : public testing::Test {
  protected:
    CertificateFilesTest() : cache_(FileTree(), Instance(), scratch_.path("state"), now_) {}

    std::string pem_of(const TestCertificate &certificate) const {
        certificate.write(scratch_.path("pem"));
        return FileTree().read(scratch_.path("pem"), 65536).value();
    }

    static std::string key_pem(const TestCertificate &certificate) {
        const std::unique_ptr<BIO, int (*)(BIO *)> text(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_PrivateKey(text.get(), certificate.key(), nullptr, nullptr, 0, nullptr,
                                 nullptr);
        char *bytes = nullptr;
        const auto size = BIO_get_mem_data(text.get(), &bytes);
        return {bytes, static_cast<std::size_t>(size)};
    }

    CaStore ca_file(const std::string &name) {
        return examine_ca_file(FileTree(), scratch_.path(name), cache_, now_, problems_);
    }

    CaStore ca_path(const std::string &name, const std::string &jail = "") {
        return examine_ca_path(FileTree(), scratch_.path(name), jail, cache_, now_, problems_);
    }

    std::vector<ClientCertificate> client_certificates() {
        return examine_client_certificates(FileTree(), configuration_, cache_, now_, problems_);
    }

    void set(const std::string &parameter, const std::string &file) {
        configuration_.parameters[parameter] = scratch_.path(file);
    }

    const std::int64_t now_ = std::time(nullptr);
    ScratchFolder scratch_;
    Configuration configuration_;
    FactCache cache_;
    Problems problems_;
    const TestCertificate valid_{{.name = "valid", .ends_in_s = 10 * kDay}};
    const TestCertificate expired_{
        {.name = "expired", .begins_in_s = -20 * kDay, .ends_in_s = -10 * kDay}};
};

TEST_F(CertificateFilesTest, CountsTheCertificatesOfABundle) {
    scratch_.write("ca.pem", "some words\n" + pem_of(valid_) + pem_of(expired_));
    const CaStore store = ca_file("ca.pem");
    EXPECT_EQ(store.present, true);
    EXPECT_EQ(store.certificates, 2);
    EXPECT_EQ(store.expired, 1);
    EXPECT_EQ(store.in_jail, true);
    EXPECT_EQ(store.fault, "");
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(CertificateFilesTest, WhatIsKeptStillExpires) {
    scratch_.write("ca.pem", pem_of(valid_));
    EXPECT_EQ(ca_file("ca.pem").expired, 0);
    const auto later =
        examine_ca_file(FileTree(), scratch_.path("ca.pem"), cache_, now_ + 11 * kDay, problems_);
    EXPECT_EQ(later.expired, 1);
}

TEST_F(CertificateFilesTest, AChangedBundleIsReadAgain) {
    scratch_.write("ca.pem", pem_of(valid_));
    EXPECT_EQ(ca_file("ca.pem").certificates, 1);
    scratch_.write("ca.pem", pem_of(valid_) + pem_of(expired_));
    EXPECT_EQ(ca_file("ca.pem").certificates, 2);
}

TEST_F(CertificateFilesTest, AMissingBundleIsAFaultAndNoProblem) {
    const CaStore store = ca_file("ca.pem");
    EXPECT_EQ(store.present, false);
    EXPECT_EQ(store.fault, "it does not exist");
    EXPECT_EQ(store.certificates, std::nullopt);
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(CertificateFilesTest, ADamagedBundleIsAFault) {
    scratch_.write("ca.pem", pem_of(valid_) +
                                 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (int i = 0; i < 2; ++i) {  // read, and kept
        const CaStore store = ca_file("ca.pem");
        EXPECT_NE(store.fault, "");
        EXPECT_EQ(store.certificates, std::nullopt);
    }
}

TEST_F(CertificateFilesTest, WhatCannotBeReadIsUnknown) {
    ASSERT_EQ(::mkfifo(scratch_.path("ca.pem").c_str(), 0600), 0);
    const CaStore store = ca_file("ca.pem");
    EXPECT_EQ(store.present, true);
    EXPECT_EQ(store.certificates, std::nullopt);
    ASSERT_EQ(problems_.size(), 1U);
    EXPECT_EQ(problems_[0].what, "ca_file");
}

TEST_F(CertificateFilesTest, OnlyHashedNamesCountInAFolder) {
    for (const char *name : {"4a6481c9.0", "4A6481C9.12"}) {
        scratch_.write(std::string("certs/") + name, pem_of(valid_));
    }
    for (const char *name : {"ca.pem", "4a6481c9", "4a6481c9.", "4a6481c9.x", "4a6481cz.0"}) {
        scratch_.write(std::string("certs/") + name, pem_of(valid_));
    }
    scratch_.write("certs/5a6481c9.0", "damaged");  // passed over, as OpenSSL does
    const CaStore store = ca_path("certs");
    EXPECT_EQ(store.present, true);
    EXPECT_EQ(store.certificates, 2);
    EXPECT_EQ(store.in_jail, true);
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(CertificateFilesTest, AFolderMayBeMissingInTheJail) {
    scratch_.write("certs/4a6481c9.0", pem_of(valid_));
    EXPECT_EQ(ca_path("certs", scratch_.path("jail")).in_jail, false);
    scratch_.write("jail" + scratch_.path("certs/4a6481c9.0"), pem_of(valid_));
    EXPECT_EQ(ca_path("certs", scratch_.path("jail")).in_jail, true);
}

TEST_F(CertificateFilesTest, AFileIsNoFolder) {
    scratch_.write("certs", pem_of(valid_));
    EXPECT_EQ(ca_path("certs").present, false);
    EXPECT_EQ(ca_path("none").present, false);
}

TEST_F(CertificateFilesTest, AClientCertificateAndItsKey) {
    scratch_.write("cert.pem", pem_of(valid_));
    scratch_.write("key.pem", key_pem(valid_));
    set("smtp_tls_cert_file", "cert.pem");
    set("smtp_tls_key_file", "key.pem");
    for (int i = 0; i < 2; ++i) {  // read, and kept
        const auto certificates = client_certificates();
        ASSERT_EQ(certificates.size(), 1U);
        EXPECT_EQ(certificates[0].subject, "CN=valid");
        EXPECT_EQ(certificates[0].matches_key, true);
        EXPECT_NEAR(static_cast<double>(certificates[0].not_after.value_or(0)),
                    static_cast<double>(now_ + 10 * kDay), 60);
        EXPECT_EQ(certificates[0].fault, "");
    }
}

TEST_F(CertificateFilesTest, TheKeyMayStandBesideTheCertificate) {
    scratch_.write("both.pem", pem_of(valid_) + key_pem(valid_));
    set("smtp_tls_eccert_file", "both.pem");
    EXPECT_EQ(client_certificates().at(0).matches_key, true);
}

TEST_F(CertificateFilesTest, AChainReplacesThePairs) {
    scratch_.write("chain.pem", key_pem(valid_) + pem_of(valid_));
    set("smtp_tls_chain_files", "chain.pem");
    set("smtp_tls_cert_file", "missing.pem");
    const auto certificates = client_certificates();
    ASSERT_EQ(certificates.size(), 1U);
    EXPECT_EQ(certificates[0].fault, "");
}

TEST_F(CertificateFilesTest, InAChainTheKeyComesFirst) {
    scratch_.write("chain.pem", pem_of(valid_) + key_pem(valid_));
    set("smtp_tls_chain_files", "chain.pem");
    EXPECT_EQ(client_certificates().at(0).fault,
              "a private key has to stand before its certificates");
}

TEST_F(CertificateFilesTest, AFolderIsNoBundle) {
    std::filesystem::create_directory(scratch_.path("certs"));
    EXPECT_EQ(ca_file("certs").fault, "it is a folder, which smtp_tls_CApath may name");
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(CertificateFilesTest, TellsWhyAClientCertificateCannotBeUsed) {
    set("smtp_tls_cert_file", "cert.pem");
    set("smtp_tls_key_file", "key.pem");
    EXPECT_THAT(client_certificates().at(0).fault, HasSubstr("cert.pem does not exist"));
    scratch_.write("cert.pem", pem_of(valid_));
    EXPECT_THAT(client_certificates().at(0).fault, HasSubstr("key.pem does not exist"));
    scratch_.write("key.pem", "no key");
    EXPECT_NE(client_certificates().at(0).fault, "");
    scratch_.write("key.pem", key_pem(expired_) + "\n");
    EXPECT_THAT(client_certificates().at(0).fault, HasSubstr("does not belong to"));
    EXPECT_EQ(client_certificates().at(0).matches_key, false);
    scratch_.write("cert.pem", pem_of(expired_));
    EXPECT_EQ(client_certificates().at(0).fault, "expired 10 days ago");
    EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(CertificateFilesTest, TheEndIsKnownWhereTheKeyMayNotBeRead) {
    set("smtp_tls_cert_file", "cert.pem");
    set("smtp_tls_key_file", "key.pem");
    scratch_.write("cert.pem", pem_of(expired_));
    std::filesystem::create_directory(scratch_.path("key.pem"));
    const auto certificate = client_certificates().at(0);
    EXPECT_EQ(certificate.matches_key, std::nullopt);
    EXPECT_EQ(certificate.fault, "expired 10 days ago");
    EXPECT_EQ(problems_.size(), 1U);
    std::filesystem::remove(scratch_.path("key.pem"));
    scratch_.write("key.pem", key_pem(expired_));
    EXPECT_EQ(client_certificates().at(0).matches_key, true) << "what is not known is not kept";
}

TEST_F(CertificateFilesTest, NoKeyIsKept) {
    scratch_.write("both.pem", pem_of(valid_) + key_pem(valid_));
    set("smtp_tls_cert_file", "both.pem");
    client_certificates();
    ASSERT_TRUE(cache_.save());
    const auto file = *std::filesystem::directory_iterator(scratch_.path("state"));
    const auto kept = FileTree().read(file.path(), 65536);
    ASSERT_TRUE(kept);
    EXPECT_THAT(*kept, HasSubstr("CN=valid"));
    EXPECT_EQ(kept->find("PRIVATE"), std::string::npos);
    EXPECT_EQ(kept->find(key_pem(valid_).substr(40, 20)), std::string::npos);
}

}  // namespace
}  // namespace mail_relay
