#include "special_agent/secret_json.h"

#include <charconv>
#include <cstring>

namespace mail_relay::roundtrip {

namespace json = boost::json;

SecretJson::WipedMemory::~WipedMemory() {
    ::explicit_bzero(bytes.data(), bytes.size());
}

SecretJson::SecretJson(std::string_view text)
    // What a parsed text needs at most, so that nothing of it lies elsewhere.
    : memory_(text.size() * 8 + 16'384),
      resource_(memory_.bytes.data(), memory_.bytes.size()),
      value_(&resource_) {
    boost::system::error_code error;
    value_ = json::parse(text, error, &resource_);
    if (error) {
        value_.emplace_null();
    }
}

const json::value *SecretJson::find(std::string_view key) const {
    return value_.is_object() ? value_.get_object().if_contains(key) : nullptr;
}

std::string_view SecretJson::text(std::string_view key) const {
    const auto *found = find(key);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : "";
}

std::int64_t SecretJson::number(std::string_view key) const {
    const auto *found = find(key);
    if (found != nullptr && found->is_int64()) {
        return found->get_int64();
    }
    const auto digits = text(key);
    std::int64_t number = 0;
    const auto *end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, number).ptr == end ? number : 0;
}

}  // namespace mail_relay::roundtrip
