#include "common/password_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mail_relay {
namespace {

using testing::HasSubstr;

constexpr std::string_view kKeyFile = "0123456789abcdef0123456789abcdef";

/// A store with "my_stored:p4ss:w0rd" and "uuid1234:s3cr37".
std::string example_blob() {
    constexpr std::string_view kHex =
        "0000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f6f6efa5bbfb488451c64c5"
        "eef68a06c781215096cd40b24c2803119adaf2c70b4e6a9a85e0964273778fc06fde6e1145e4e0b4fd";
    std::string blob;
    for (std::size_t i = 0; i < kHex.size(); i += 2) {
        blob += static_cast<char>(std::stoi(std::string(kHex.substr(i, 2)), nullptr, 16));
    }
    return blob;
}

TEST(PasswordStore, OpensACheckmkStore) {
    const auto text = decrypt_password_store(example_blob(), kKeyFile);
    ASSERT_TRUE(text) << text.error().message();
    EXPECT_EQ(*text, "my_stored:p4ss:w0rd\nuuid1234:s3cr37\n");
    EXPECT_EQ(*find_password(*text, "my_stored"), "p4ss:w0rd");
    EXPECT_EQ(*find_password(*text, "uuid1234"), "s3cr37");
}

TEST(PasswordStore, AnUnknownIdIsNamedAndNoPasswordIs) {
    const auto password = find_password("my_stored:p4ss:w0rd\n", "other");
    ASSERT_FALSE(password);
    EXPECT_EQ(password.error().message(), "the password store has no password \"other\"");
    EXPECT_FALSE(find_password("my_stored:p4ss", "my_store"));
    EXPECT_FALSE(find_password("", "x"));
    EXPECT_FALSE(find_password("\n\nno colon\n", "no colon"));
}

TEST(PasswordStore, AnEmptyFileHasNoEntries) {
    EXPECT_EQ(*decrypt_password_store("", kKeyFile), "");
}

TEST(PasswordStore, AnotherKeyDoesNotOpenIt) {
    const auto text = decrypt_password_store(example_blob(), "0123456789abcdef0123456789abcdef\n");
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message(), HasSubstr("written with another key"));
}

TEST(PasswordStore, ADamagedFileIsRefused) {
    for (const std::size_t length : {1U, 49U, 50U, 60U}) {
        EXPECT_FALSE(decrypt_password_store(example_blob().substr(0, length), kKeyFile)) << length;
    }
    for (const std::size_t at : {5U, 20U, 40U, 55U}) {
        std::string blob = example_blob();
        blob[at] = static_cast<char>(blob[at] ^ 1);
        EXPECT_FALSE(decrypt_password_store(blob, kKeyFile)) << at;
    }
    std::string newer = example_blob();
    newer[1] = 1;
    EXPECT_THAT(decrypt_password_store(newer, kKeyFile).error().message(),
                HasSubstr("version 1 is not 0"));
}

TEST(PasswordStore, ReferencesAreSplitAtTheFirstColon) {
    const auto reference = parse_password_reference("uuid1234:/omd/sites/a:b/stored_passwords");
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->id, "uuid1234");
    EXPECT_EQ(reference->file, "/omd/sites/a:b/stored_passwords");
    EXPECT_FALSE(parse_password_reference("uuid1234"));
    EXPECT_FALSE(parse_password_reference(":file"));
    EXPECT_FALSE(parse_password_reference("id:"));
}

}  // namespace
}  // namespace mail_relay
