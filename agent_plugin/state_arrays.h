#pragma once

#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace mail_relay {

// What is remembered is written as JSON arrays: every struct is an array of its members in order,
// which is short, and a missing one is an error. A function members(walk, value), found by its
// argument, lists a struct's members for both writer and reader, so what is written is what is
// read. Types that need more have functions write(StateWriter &, ...) and read(StateReader &, ...).

/// Appends members to an array.
class StateWriter {
  public:
    template <class... Members>
    void operator()(const Members &...values) {
        (write(*this, values), ...);
    }
    void append(boost::json::value value) { array_.push_back(std::move(value)); }
    boost::json::array take() { return std::move(array_); }

  private:
    boost::json::array array_;
};

/// Takes members from an array; throws a std::exception when one is missing or wrong.
class StateReader {
  public:
    explicit StateReader(const boost::json::value &value) : array_(value.as_array()) {}

    template <class... Members>
    void operator()(Members &...values) {
        (read(*this, values), ...);
    }
    const boost::json::value &next() { return array_.at(at_++); }
    bool at_end() const { return at_ == array_.size(); }

  private:
    const boost::json::array &array_;
    std::size_t at_ = 0;
};

template <class Number>
requires std::is_arithmetic_v<Number>
void write(StateWriter &to, const Number &value) {
    to.append(value);
}

template <class Number>
requires std::is_arithmetic_v<Number>
void read(StateReader &from, Number &value) {
    if constexpr (std::is_same_v<Number, bool>) {
        value = from.next().as_bool();
    } else {
        value = from.next().template to_number<Number>();
    }
}

/// Any bytes, each as the character of its number: JSON holds no others.
void write(StateWriter &to, const std::string &text);
void read(StateReader &from, std::string &text);

/// A list of its own for all values.
template <class Values>
void write_list(StateWriter &to, const Values &values) {
    StateWriter list;
    for (const auto &value : values) {
        list(value);
    }
    to.append(list.take());
}

template <class Value, std::size_t Size>
void write(StateWriter &to, const std::array<Value, Size> &values) {
    write_list(to, values);
}

template <class Value, std::size_t Size>
void read(StateReader &from, std::array<Value, Size> &values) {
    StateReader list(from.next());
    for (auto &value : values) {
        list(value);
    }
}

template <class Value>
void write(StateWriter &to, const std::optional<Value> &value) {
    StateWriter list;
    if (value) {
        list(*value);
    }
    to.append(list.take());
}

template <class Value>
void read(StateReader &from, std::optional<Value> &value) {
    StateReader list(from.next());
    if (!list.at_end()) {
        list(value.emplace());
    }
}

inline constexpr std::size_t kMostStateEntries = 10000;

template <class Value>
void write(StateWriter &to, const std::vector<Value> &values) {
    write_list(to, values);
}

template <class Value>
void read(StateReader &from, std::vector<Value> &values) {
    for (StateReader list(from.next()); !list.at_end();) {
        if (values.size() >= kMostStateEntries) {
            throw std::length_error("too many entries");
        }
        list(values.emplace_back());
    }
}

template <class Value>
void write(StateWriter &to, const std::map<std::string, Value, std::less<>> &values) {
    StateWriter list;
    for (const auto &[key, value] : values) {
        list(key, value);
    }
    to.append(list.take());
}

template <class Value>
void read(StateReader &from, std::map<std::string, Value, std::less<>> &values) {
    for (StateReader list(from.next()); !list.at_end();) {
        std::string key;
        Value value{};
        list(key, value);
        values.insert_or_assign(std::move(key), std::move(value));
        if (values.size() > kMostStateEntries) {
            throw std::length_error("too many entries");
        }
    }
}

template <class Struct>
requires requires(StateWriter &to, const Struct &value) {
    members(to, value);
}
void write(StateWriter &to, const Struct &value) {
    StateWriter list;
    members(list, value);
    to.append(list.take());
}

template <class Struct>
requires requires(StateReader &from, Struct &value) {
    members(from, value);
}
void read(StateReader &from, Struct &value) {
    StateReader list(from.next());
    members(list, value);
    if (!list.at_end()) {
        throw std::length_error("more members than known");
    }
}

}  // namespace mail_relay
