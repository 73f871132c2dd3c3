#include "common/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace mail_relay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::SizeIs;

/// Certificates made by the openssl command: one with its key, another key, an expired one.
class CertificateTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        std::array<char, 32> name{"/tmp/certificate_XXXXXX"};
        folder = ::mkdtemp(name.data());
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "
            "'/O=Example/CN=Änne' "
            "-utf8 -days 10 -keyout key.pem -out cert.pem");
        run("req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 1 -keyout other_key.pem "
            "-out other.pem");
        run("ec -in key.pem -aes128 -passout pass:secret -out encrypted.pem");
        run("x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem");
    }
    static void TearDownTestSuite() { fs::remove_all(folder); }

    static void run(const std::string &command) {
        ASSERT_EQ(
            std::system(
                ("cd " + folder.string() + " && openssl " + command + " >/dev/null 2>&1").c_str()),
            0)
            << command;
    }
    static std::string read(const std::string &name) {
        std::ifstream file(folder / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static inline fs::path folder;
};

TEST_F(CertificateTest, SaysWhoseItIsAndHowLongItLasts) {
    const auto certificates = parse_certificates(read("cert.pem"));
    ASSERT_TRUE(certificates) << certificates.error().message();
    ASSERT_THAT(*certificates, SizeIs(1));
    EXPECT_EQ(certificates->at(0).subject, "CN=Änne,O=Example");
    EXPECT_EQ(certificates->at(0).issuer, "CN=Änne,O=Example");
    EXPECT_EQ(certificates->at(0).not_after - certificates->at(0).not_before, 10 * 86400);
}

TEST_F(CertificateTest, KeepsTheOrderOfABundleAndPassesOverWhatIsNoCertificate) {
    const auto certificates = parse_certificates("# a comment\n" + read("other.pem") +
                                                 read("key.pem") + read("cert.pem"));
    ASSERT_TRUE(certificates) << certificates.error().message();
    ASSERT_THAT(*certificates, SizeIs(2));
    EXPECT_EQ(certificates->at(0).subject, "CN=other");
}

TEST_F(CertificateTest, TrustedCertificatesCount) {
    const auto certificates = parse_certificates(read("trusted.pem"));
    ASSERT_TRUE(certificates) << certificates.error().message();
    EXPECT_THAT(*certificates, SizeIs(1));
}

TEST_F(CertificateTest, WhatOpensslWouldNotLoadIsAnError) {
    const std::string good = read("cert.pem");
    std::string damaged = good;
    damaged.replace(good.size() / 2, 4, "AAAA");
    struct Case {
        const char *name;
        std::string pem;
        const char *why;
    };
    for (const auto &[name, pem, why] : {
             Case{"empty", "", "no certificate"},
             Case{"text", "mail.example.org\n", "no certificate"},
             Case{"only a key", read("key.pem"), "no certificate"},
             Case{"cut off", good.substr(0, good.size() / 2), "damaged block"},
             Case{"cut off after a good one", good + good.substr(0, 200),
                  "after 1 certificates: damaged block"},
             Case{"no base64", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
                  "damaged block"},
             Case{"no certificate inside",
                  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                  "certificate 1 is damaged"},
         }) {
        const auto certificates = parse_certificates(pem);
        ASSERT_FALSE(certificates) << name;
        EXPECT_THAT(certificates.error().message(), HasSubstr(why)) << name;
    }
}

TEST_F(CertificateTest, ARevocationListAloneIsNoError) {
    const auto certificates =
        parse_certificates("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    ASSERT_TRUE(certificates);
    EXPECT_THAT(*certificates, SizeIs(0));
}

TEST_F(CertificateTest, AKeyMatchesItsOwnCertificateOnly) {
    EXPECT_TRUE(*key_matches(read("cert.pem"), read("key.pem")));
    EXPECT_FALSE(*key_matches(read("cert.pem"), read("other_key.pem")));
    EXPECT_FALSE(*key_matches(read("other.pem"), read("key.pem")));
    EXPECT_TRUE(
        *key_matches(read("key.pem") + read("cert.pem"), read("cert.pem") + read("key.pem")));
}

TEST_F(CertificateTest, WithoutAUsableKeyTheAnswerIsAnError) {
    EXPECT_THAT(key_matches(read("cert.pem"), read("cert.pem")).error().message(),
                HasSubstr("no private key"));
    EXPECT_EQ(key_matches(read("cert.pem"), read("encrypted.pem")).error().message(),
              "the private key needs a passphrase");
    EXPECT_EQ(key_matches(read("key.pem"), read("key.pem")).error().message(), "no certificate");
}

}  // namespace
}  // namespace mail_relay
