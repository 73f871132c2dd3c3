#include "special_agent/loop_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mail_relay::roundtrip {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char *kStoreHex =
    "0000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f6f6efa5bbfb488451c64c5eef6"
    "8"
    "a06c781215096cd40b24c2803119adaf2c70b4e6a9a85e0964273778fc06fde6e1145e4e0b4fd";

class LoopSecrets : public testing::Test {
  protected:
    LoopSecrets() {
        std::array<char, 32> name{"/tmp/loop_secrets_XXXXXX"};
        site_ = ::mkdtemp(name.data());
        fs::create_directories(site_ / "etc");
        std::ofstream(site_ / "etc/password_store.secret") << "0123456789abcdef0123456789abcdef";
        const std::string hex = kStoreHex;
        std::ofstream store(site_ / "store");
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            store << static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        }
    }
    ~LoopSecrets() override { fs::remove_all(site_); }

    Result<Secret> read(const SecretSource &source) const {
        const SecretMap secrets = read_secrets({{"1.mailbox", source}}, [this](const char *name) {
            return std::string_view(name) == "OMD_ROOT" ? site_.string() : std::string();
        });
        return secrets.at("1.mailbox");
    }

    fs::path site_;
};

TEST_F(LoopSecrets, ComeFromTheSitesPasswordStore) {
    const auto secret = read({false, "uuid1234:" + (site_ / "store").string()});
    ASSERT_TRUE(secret) << secret.error().message();
    EXPECT_EQ(secret->view(), "s3cr37");
}

TEST_F(LoopSecrets, WhatIsWrongWithTheStoreIsNamed) {
    const std::string store = (site_ / "store").string();
    EXPECT_THAT(read({false, "other:" + store}).error().message(),
                HasSubstr("no password \"other\""));
    EXPECT_THAT(read({false, "x:/nonexistent"}).error().message(),
                HasSubstr("cannot read the password store"));
    EXPECT_THAT(read({false, "nonsense"}).error().message(), HasSubstr("ID:FILE"));
    std::ofstream(store) << "damaged";
    EXPECT_THAT(read({false, "x:" + store}).error().message(), HasSubstr("cannot decrypt"));
    fs::remove(site_ / "etc/password_store.secret");
    EXPECT_THAT(read({false, "x:" + store}).error().message(), HasSubstr("cannot read the key"));
}

TEST_F(LoopSecrets, ByHandTheFirstLineOfAFile) {
    std::ofstream(site_ / "password") << "s3cr37\r\nsecond line\n";
    EXPECT_EQ(read({true, (site_ / "password").string()})->view(), "s3cr37");
    std::ofstream(site_ / "password") << "\n";
    EXPECT_FALSE(read({true, (site_ / "password").string()}));
}

TEST(MissingSecret, NamesTheSlotAndTheReason) {
    LoopDefinition loop;
    loop.mailbox.login.secret = "1.mailbox";
    EXPECT_EQ(missing_secret(loop, {}), "secret 1.mailbox: none was given");
    SecretMap secrets;
    secrets.emplace("1.mailbox", Secret("x"));
    EXPECT_EQ(missing_secret(loop, secrets), "");
    loop.submission.login = Login();
    loop.submission.login->client_secret = "1.submission.client";
    secrets.emplace("1.submission.client", failed("gone"));
    EXPECT_EQ(missing_secret(loop, secrets), "secret 1.submission.client: gone");
}

}  // namespace
}  // namespace mail_relay::roundtrip
