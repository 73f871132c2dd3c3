#include "common/token_refusal.h"

#include <openssl/evp.h>

namespace mail_relay {

namespace {

constexpr std::size_t kLongestQuestion = 2048;

}  // namespace

std::string token_refusal(std::string_view question) {
    question = question.substr(0, question.find_last_not_of(" \r\n") + 1);
    if (question.empty() || question.size() > kLongestQuestion || question.size() % 4 != 0) {
        return {};
    }
    std::string text(question.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                        reinterpret_cast<const unsigned char *>(question.data()),
                        static_cast<int>(question.size())) < 0) {
        return {};
    }
    // The zeros stand for padding.
    text.erase(text.find_last_not_of(std::string_view("\0 \r\n", 4)) + 1);
    return text.starts_with('{') && text.ends_with('}') ? text : std::string();
}

}  // namespace mail_relay
