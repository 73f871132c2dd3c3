#pragma once

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mail_relay::roundtrip {

/// Reads the keys of one JSON object by name. The first thing that is wrong stays in `error`,
/// shared by all readers of a definition ("submission.port: 99999 is not from 1 to 65535"); after
/// it values come out as their defaults. A key that is not there leaves the value as it is.
class DefinitionReader {
  public:
    DefinitionReader(const boost::json::object &object, std::string path, std::string &error)
        : object_(object), path_(std::move(path)), error_(error) {}

    /// A text of one line that is not empty.
    void text(const char *key, std::string &value);
    void required_text(const char *key, std::string &value);

    /// A mail address as SMTP without SMTPUTF8 takes it; it has to be there.
    void address(const char *key, std::string &value);

    void flag(const char *key, bool &value);
    void seconds(const char *key, std::chrono::milliseconds &value, double least, double most);
    void port(const char *key, std::uint16_t &value);
    void texts(const char *key, std::vector<std::string> &values);

    /// One of some words, each of which stands for a value.
    template <class Value>
    void choice(const char *key, Value &value,
                std::initializer_list<std::pair<const char *, Value>> choices) {
        const boost::json::value *found = find(key);
        if (found == nullptr) {
            return;
        }
        std::string names;
        for (const auto &[name, chosen] : choices) {
            if (found->is_string() && found->get_string() == name) {
                value = chosen;
                return;
            }
            names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
        }
        fail(key, fmt::format("{} is none of {}", boost::json::serialize(*found), names));
    }

    /// Reads an inner object, if it is there, with `read` (given a DefinitionReader), and refuses
    /// its unknown keys.
    template <class Read>
    bool object(const char *key, Read read) {
        const boost::json::value *found = find(key);
        if (found == nullptr) {
            return false;
        }
        if (!found->is_object()) {
            fail(key, "has to be an object");
            return false;
        }
        DefinitionReader inner(found->get_object(), path_ + key + ".", error_);
        read(inner);
        inner.refuse_unknown_keys();
        return true;
    }

    /// Every key that was asked for is known; any other is an error.
    void refuse_unknown_keys();

    bool has(const char *key) const { return object_.contains(key); }
    void require(const char *key);
    void fail(const std::string &key, std::string_view why);

  private:
    const boost::json::value *find(const char *key);

    const boost::json::object &object_;
    std::string path_;
    std::string &error_;
    std::set<std::string> known_;
};

}  // namespace mail_relay::roundtrip
