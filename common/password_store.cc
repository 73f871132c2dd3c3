#include "common/password_store.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>

#include "common/child_process.h"

namespace mail_relay {

namespace {

constexpr std::size_t kVersionBytes = 2;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeaderBytes = kVersionBytes + kSaltBytes + kNonceBytes + kTagBytes;
constexpr std::size_t kKeyBytes = 32;
constexpr std::uint64_t kScryptN = 1U << 14U;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::uint64_t kScryptMemory = 64U << 20U;

const unsigned char *bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

bool derive_key(std::string_view key_file, std::string_view salt, std::string &key) {
    key.resize(kKeyBytes);
    return EVP_PBE_scrypt(key_file.data(), key_file.size(), bytes(salt), salt.size(), kScryptN,
                          kScryptR, kScryptP, kScryptMemory,
                          reinterpret_cast<unsigned char *>(key.data()), key.size()) == 1;
}

/// False if the tag does not match: a wrong key, or a damaged file.
bool decrypt(std::string_view key, std::string_view nonce, std::string_view tag,
             std::string_view cipher_text, std::string &plain_text) {
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX *)> context(EVP_CIPHER_CTX_new(),
                                                                              &EVP_CIPHER_CTX_free);
    std::string expected_tag(tag);
    plain_text.resize(cipher_text.size());
    auto *out = reinterpret_cast<unsigned char *>(plain_text.data());
    int length = 0;
    std::array<unsigned char, 16> rest{};
    return context != nullptr &&
           EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_IVLEN,
                               static_cast<int>(nonce.size()), nullptr) == 1 &&
           EVP_DecryptInit_ex(context.get(), nullptr, nullptr, bytes(key), bytes(nonce)) == 1 &&
           EVP_DecryptUpdate(context.get(), out, &length, bytes(cipher_text),
                             static_cast<int>(cipher_text.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG,
                               static_cast<int>(expected_tag.size()), expected_tag.data()) == 1 &&
           EVP_DecryptFinal_ex(context.get(), rest.data(), &length) == 1;
}

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

}  // namespace

Result<std::string> decrypt_password_store(std::string_view blob, std::string_view key_file) {
    if (blob.empty()) {
        return std::string();
    }
    if (blob.size() < kHeaderBytes) {
        return failed("cannot decrypt the password store: {} bytes are too few", blob.size());
    }
    if (blob[0] != 0 || blob[1] != 0) {
        return failed(
            "cannot decrypt the password store: its format version {} is not 0",
            (static_cast<unsigned char>(blob[0]) << 8U) + static_cast<unsigned char>(blob[1]));
    }
    const auto salt = blob.substr(kVersionBytes, kSaltBytes);
    const auto nonce = blob.substr(kVersionBytes + kSaltBytes, kNonceBytes);
    const auto tag = blob.substr(kVersionBytes + kSaltBytes + kNonceBytes, kTagBytes);
    std::string key;
    std::string plain_text;
    const bool has_key = derive_key(key_file, salt, key);
    const bool is_open = has_key && decrypt(key, nonce, tag, blob.substr(kHeaderBytes), plain_text);
    wipe(key);
    if (!is_open) {
        wipe(plain_text);
        return has_key ? failed(
                             "cannot decrypt the password store: it is damaged, or was written "
                             "with another key than this site's password_store.secret")
                       : failed("cannot decrypt the password store: no key could be derived");
    }
    return plain_text;
}

Result<std::string> find_password(std::string_view plain_text, std::string_view id) {
    while (!plain_text.empty()) {
        const std::string_view line = trimmed(plain_text.substr(0, plain_text.find('\n')));
        plain_text.remove_prefix(std::min(plain_text.find('\n'), plain_text.size() - 1) + 1);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && line.substr(0, colon) == id) {
            return std::string(line.substr(colon + 1));
        }
    }
    return failed("the password store has no password \"{}\"", id);
}

Result<PasswordReference> parse_password_reference(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
        return failed("a password reference looks like ID:FILE");
    }
    return PasswordReference{std::string(text.substr(0, colon)),
                             std::string(text.substr(colon + 1))};
}

}  // namespace mail_relay
