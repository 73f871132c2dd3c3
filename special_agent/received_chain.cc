#include "special_agent/received_chain.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "common/ascii.h"
#include "special_agent/mail_date.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::size_t kLongestHeader = 4096;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestProtocol = 40;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// A part of the header: a word, or a whole comment without its outer parentheses.
struct Part {
    std::string_view text;
    bool is_comment = false;
};

std::vector<Part> split(std::string_view value) {
    std::vector<Part> parts;
    std::size_t at = 0;
    while (at < value.size()) {
        if (is_blank(value[at])) {
            ++at;
            continue;
        }
        const std::size_t start = at;
        if (value[at] != '(') {
            while (at < value.size() && !is_blank(value[at]) && value[at] != '(') {
                ++at;
            }
            parts.push_back({value.substr(start, at - start), false});
            continue;
        }
        int depth = 0;
        do {
            depth += value[at] == '(' ? 1 : 0;
            depth -= value[at] == ')' ? 1 : 0;
            ++at;
        } while (depth > 0 && at < value.size());
        const std::size_t end = depth == 0 ? at - 1 : at;
        parts.push_back({value.substr(start + 1, end - start - 1), true});
    }
    return parts;
}

bool is_address(const std::string &text) {
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    return ::inet_pton(AF_INET, text.c_str(), binary.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), binary.data()) == 1;
}

/// The address in "[192.0.2.1]", "host [IPv6:2001:db8::1]" or, as Microsoft writes, "2001:db8::1".
std::string address_in(std::string_view text) {
    if (const auto open = text.find('['); open != std::string_view::npos) {
        text = text.substr(open + 1);
        text = text.substr(0, text.find(']'));
    } else if (const auto start = text.find_first_not_of(" \t\r\n");
               start != std::string_view::npos) {
        text = text.substr(start);
        text = text.substr(0, text.find_first_of(" \t\r\n"));
    }
    std::string address = lower(text);
    if (address.starts_with("ipv6:")) {
        address.erase(0, 5);
    }
    return is_address(address) ? address : std::string();
}

/// "example.org" of "mail.example.org": enough to tell one operator's servers from another's.
std::string_view organisation(std::string_view name) {
    while (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    const auto last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) {
        return name;
    }
    const auto before = name.rfind('.', last - 1);
    return before == std::string_view::npos ? name : name.substr(before + 1);
}

bool crosses_organisations(const Hop &hop) {
    return lower(organisation(hop.from)) != lower(organisation(hop.by));
}

std::string name_of(std::string_view word) {
    return std::string(word.substr(0, kLongestName));
}

void take_clause(Hop &hop, const std::string &keyword, const std::vector<Part> &parts,
                 std::size_t at) {
    const Part &value = parts[at];
    if (keyword == "from" && hop.from.empty() && !value.is_comment) {
        hop.from = name_of(value.text);
        hop.from_address = address_in(value.text);
        const bool has_comment = at + 1 < parts.size() && parts[at + 1].is_comment;
        if (has_comment) {
            // What the taking server saw counts more than what the sender said.
            const std::string seen = address_in(parts[at + 1].text);
            hop.from_address = seen.empty() ? hop.from_address : seen;
        }
    } else if (keyword == "by" && hop.by.empty() && !value.is_comment) {
        hop.by = name_of(value.text);
    } else if (keyword == "with" && hop.protocol.empty() && !value.is_comment) {
        hop.protocol = std::string(value.text.substr(0, kLongestProtocol));
    }
}

template <std::size_t Size>
bool starts_with_bits(const std::array<unsigned char, Size> &address,
                      const std::array<unsigned char, 4> &prefix, int bits) {
    for (int bit = 0; bit < bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const int mask = 0x80 >> (bit % 8);
        if ((address.at(byte) & mask) != (prefix.at(byte) & mask)) {
            return false;
        }
    }
    return true;
}

struct Network {
    std::array<unsigned char, 4> prefix;
    int bits;
};

// IANA special-purpose address registries: what is not reachable over the Internet.
constexpr std::array<Network, 9> kSpecialV4 = {{{{0, 0, 0, 0}, 8},
                                                {{10, 0, 0, 0}, 8},
                                                {{100, 64, 0, 0}, 10},
                                                {{127, 0, 0, 0}, 8},
                                                {{169, 254, 0, 0}, 16},
                                                {{172, 16, 0, 0}, 12},
                                                {{192, 168, 0, 0}, 16},
                                                {{198, 18, 0, 0}, 15},
                                                {{224, 0, 0, 0}, 3}}};
constexpr Network kGlobalUnicastV6 = {{0x20, 0, 0, 0}, 3};

}  // namespace

Hop parse_received(std::string_view value) {
    value = value.substr(0, kLongestHeader);
    Hop hop;
    if (const auto semicolon = value.rfind(';'); semicolon != std::string_view::npos) {
        hop.time = parse_mail_date(value.substr(semicolon + 1));
        value = value.substr(0, semicolon);
    }
    const std::vector<Part> parts = split(value);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (!parts[i].is_comment) {
            take_clause(hop, lower(parts[i].text), parts, i + 1);
        }
    }
    return hop;
}

std::vector<Hop> trace_hops(const std::vector<std::string> &headers, double sent) {
    std::vector<Hop> hops;
    for (const std::string &header : headers) {
        hops.push_back(parse_received(header));
        if (hops.size() == kMostHops) {
            break;
        }
    }
    std::reverse(hops.begin(), hops.end());
    double before = sent;
    for (Hop &hop : hops) {
        if (hop.time) {
            hop.delay_s = static_cast<double>(*hop.time) - before;
            before = static_cast<double>(*hop.time);
        }
    }
    return hops;
}

std::string sending_address(const std::vector<Hop> &hops) {
    std::string fallback;
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot compile libstdc++'s reverse_view.
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        if (hop->from_address.empty()) {
            continue;
        }
        if (is_public_address(hop->from_address) && crosses_organisations(*hop)) {
            return hop->from_address;
        }
        if (fallback.empty()) {
            fallback = hop->from_address;
        }
    }
    return fallback;
}

bool is_public_address(std::string_view address) {
    const std::string text(address);
    std::array<unsigned char, sizeof(in_addr)> v4{};
    if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1) {
        return std::none_of(kSpecialV4.begin(), kSpecialV4.end(), [&](const Network &network) {
            return starts_with_bits(v4, network.prefix, network.bits);
        });
    }
    std::array<unsigned char, sizeof(in6_addr)> v6{};
    return ::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1 &&
           starts_with_bits(v6, kGlobalUnicastV6.prefix, kGlobalUnicastV6.bits);
}

}  // namespace mail_relay::roundtrip
