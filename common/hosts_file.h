#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

/// Reads the text of a hosts file. Names are compared without regard to case. Source: hosts(5).
class HostsFile {
  public:
    explicit HostsFile(std::string_view text);

    /// Addresses of a name, in file order, at most 64.
    std::vector<std::string> addresses_of(std::string_view name) const;

    /// Names of an address, in file order, at most 64.
    std::vector<std::string> names_of(std::string_view address) const;

  private:
    struct Line {
        std::string_view address;
        std::vector<std::string_view> names;
    };

    std::string text_;
    std::vector<Line> lines_;
};

/// The usual form of an IPv4 or IPv6 address literal ("::1" for "0:0::1"); empty for no address.
std::string canonical_address(std::string_view address);

/// Of which family an address literal is.
constexpr bool is_ipv6(std::string_view address) {
    return address.find(':') != std::string_view::npos;
}

}  // namespace mail_relay
