#include "common/reverse_domain.h"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace mail_relay {

std::string reverse_domain(std::string_view address, std::string_view zone) {
    const std::string text(address);
    in6_addr ipv6{};
    in_addr ipv4{};
    std::string domain;
    if (::inet_pton(AF_INET, text.c_str(), &ipv4) == 1) {
        const auto number = ntohl(ipv4.s_addr);
        domain = fmt::format("{}.{}.{}.{}", number & 255, number >> 8 & 255, number >> 16 & 255,
                             number >> 24);
    } else if (::inet_pton(AF_INET6, text.c_str(), &ipv6) == 1) {
        for (int i = 15; i >= 0; --i) {
            const unsigned byte = ipv6.s6_addr[i];
            domain += fmt::format("{:x}.{:x}{}", byte & 15, byte >> 4, i > 0 ? "." : "");
        }
    } else {
        return "";
    }
    const bool is_ipv4 = text.find(':') == std::string::npos;
    const std::string_view arpa = is_ipv4 ? "in-addr.arpa" : "ip6.arpa";
    return fmt::format("{}.{}", domain, zone.empty() ? arpa : zone);
}

}  // namespace mail_relay
