#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mail_relay::roundtrip {

/// A JSON object that holds tokens: its memory is overwritten at its end. What is no JSON, no
/// object, or not there reads as empty.
class SecretJson {
  public:
    explicit SecretJson(std::string_view text);
    SecretJson(const SecretJson &) = delete;
    SecretJson &operator=(const SecretJson &) = delete;

    std::string_view text(std::string_view key) const;

    /// A number, which some send as a string; 0 if there is none.
    std::int64_t number(std::string_view key) const;

  private:
    struct WipedMemory {
        explicit WipedMemory(std::size_t size) : bytes(size) {}
        WipedMemory(const WipedMemory &) = delete;
        WipedMemory &operator=(const WipedMemory &) = delete;
        ~WipedMemory();

        std::vector<unsigned char> bytes;
    };

    const boost::json::value *find(std::string_view key) const;

    WipedMemory memory_;
    boost::json::monotonic_resource resource_;
    boost::json::value value_;
};

}  // namespace mail_relay::roundtrip
