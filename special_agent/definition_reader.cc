#include "special_agent/definition_reader.h"

#include <algorithm>

namespace mail_relay::roundtrip {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kMostEntries = 50;

}  // namespace

void DefinitionReader::refuse_unknown_keys() {
    for (const auto &entry : object_) {
        if (!known_.contains(std::string(entry.key()))) {
            fail(std::string(entry.key()), "is not a known key");
        }
    }
}

void DefinitionReader::text(const char *key, std::string &value) {
    const json::value *found = find(key);
    if (found == nullptr) {
        return;
    }
    if (!found->is_string() || found->get_string().empty()) {
        return fail(key, "has to be a text that is not empty");
    }
    const std::string_view content = found->get_string();
    if (content.size() > kLongestText) {
        return fail(key, fmt::format("is longer than {} bytes", kLongestText));
    }
    if (std::any_of(content.begin(), content.end(),
                    [](unsigned char c) { return c < ' ' || c == 0x7f; })) {
        return fail(key, "holds a control character");
    }
    value = content;
}

void DefinitionReader::required_text(const char *key, std::string &value) {
    text(key, value);
    require(key);
}

void DefinitionReader::address(const char *key, std::string &value) {
    required_text(key, value);
    const auto at = value.find('@');
    const bool is_plain = value.find_first_of(" <>,;\"") == std::string::npos;
    if (error_.empty() &&
        (at == std::string::npos || at == 0 || at + 1 == value.size() || !is_plain)) {
        fail(key, fmt::format("{} is not a mail address", value));
    }
    if (error_.empty() &&
        std::any_of(value.begin(), value.end(), [](unsigned char c) { return c >= 0x80; })) {
        fail(key, fmt::format("{} holds characters outside ASCII; the domain can be written "
                              "as xn--...",
                              value));
    }
}

void DefinitionReader::flag(const char *key, bool &value) {
    if (const json::value *found = find(key)) {
        if (!found->is_bool()) {
            return fail(key, "has to be true or false");
        }
        value = found->get_bool();
    }
}

void DefinitionReader::seconds(const char *key, std::chrono::milliseconds &value, double least,
                               double most) {
    const json::value *found = find(key);
    if (found == nullptr) {
        return;
    }
    const double number = found->is_number() ? found->to_number<double>() : -1.0;
    if (number < least || number > most) {
        return fail(key, fmt::format("{} is not from {} to {} seconds", json::serialize(*found),
                                     least, most));
    }
    value = std::chrono::milliseconds(static_cast<std::int64_t>(number * 1000.0));
}

void DefinitionReader::port(const char *key, std::uint16_t &value) {
    const json::value *found = find(key);
    if (found == nullptr) {
        return;
    }
    const std::int64_t number = found->is_int64() ? found->get_int64() : 0;
    if (number < 1 || number > 65535) {
        return fail(key, fmt::format("{} is not from 1 to 65535", json::serialize(*found)));
    }
    value = static_cast<std::uint16_t>(number);
}

void DefinitionReader::texts(const char *key, std::vector<std::string> &values) {
    const json::value *found = find(key);
    if (found == nullptr) {
        return;
    }
    if (!found->is_array() || found->get_array().size() > kMostEntries) {
        return fail(key, fmt::format("has to be a list of at most {} texts", kMostEntries));
    }
    for (const json::value &entry : found->get_array()) {
        if (!entry.is_string() || entry.get_string().empty() ||
            entry.get_string().size() > kLongestText) {
            return fail(key, "has to be a list of texts that are not empty");
        }
        values.emplace_back(entry.get_string());
    }
}

void DefinitionReader::require(const char *key) {
    if (!has(key)) {
        fail(key, "is missing");
    }
}

void DefinitionReader::fail(const std::string &key, std::string_view why) {
    if (error_.empty()) {
        error_ = fmt::format("{}{}: {}", path_, key, why);
    }
}

const json::value *DefinitionReader::find(const char *key) {
    known_.insert(key);
    return object_.if_contains(key);
}

}  // namespace mail_relay::roundtrip
