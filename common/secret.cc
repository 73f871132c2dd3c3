#include "common/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace mail_relay {

namespace {

constexpr std::size_t kShortestToHide = 4;
constexpr std::string_view kMask = "***";

void replace_all(std::string &text, std::string_view part) {
    for (auto at = text.find(part); at != std::string::npos;
         at = text.find(part, at + kMask.size())) {
        text.replace(at, part.size(), kMask);
    }
}

std::string base64(std::string_view bytes) {
    std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(encoded.data()),
                                       reinterpret_cast<const unsigned char *>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    encoded.resize(static_cast<std::size_t>(length));
    return encoded;
}

}  // namespace

Secret::Secret(std::string_view secret) : bytes_(secret.size() + 1) {
    std::copy(secret.begin(), secret.end(), bytes_.begin());
}

Secret &Secret::operator=(Secret &&other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::move(other.bytes_);
    }
    return *this;
}

Secret &Secret::operator=(const Secret &other) {
    if (this != &other) {
        *this = Secret(other.view());
    }
    return *this;
}

Secret Secret::take(std::string &text) {
    Secret secret{std::string_view(text)};
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
    return secret;
}

void Secret::wipe() noexcept {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

std::string hide_secret(std::string text, std::string_view secret) {
    if (secret.size() < kShortestToHide) {
        return text;
    }
    replace_all(text, secret);
    // Inside the Base64 of something longer a secret has one of three forms, by its distance from
    // the start; their inner parts depend on nothing but the secret.
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const auto encoded = base64(std::string(shift, 'x') + std::string(secret));
        const std::size_t begin = shift == 0 ? 0 : shift + 1;
        const std::size_t end = (shift + secret.size()) * 8 / 6;
        if (end > begin + kShortestToHide) {
            replace_all(text, std::string_view(encoded).substr(begin, end - begin));
        }
    }
    return text;
}

void forbid_core_dumps() {
    ::prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace mail_relay
