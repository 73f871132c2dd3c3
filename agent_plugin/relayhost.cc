#include "agent_plugin/relayhost.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr std::string_view kSeparators = ", \t\r\n";

bool is_label_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
           c == '_' || byte >= 0x80;
}

bool is_address_of(int family, const std::string &host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(family, host.c_str(), address.data()) == 1;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), is_label_character);
}

/// Source: Postfix src/util/valid_hostname.c: underscores pass, a name of digits and dots does not.
bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 255 ||
        std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; })) {
        return false;
    }
    for (;;) {
        const auto dot = host.find('.');
        if (!is_label(host.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        host.remove_prefix(dot + 1);
    }
}

struct Service {
    std::string_view name;
    std::uint16_t port;
};

// What /etc/services of Debian, Red Hat and SUSE call the ports mail is submitted to.
constexpr auto kServices = std::to_array<Service>({{"smtp", 25},
                                                   {"mail", 25},
                                                   {"submission", 587},
                                                   {"msa", 587},
                                                   {"submissions", 465},
                                                   {"smtps", 465},
                                                   {"ssmtp", 465},
                                                   {"urd", 465},
                                                   {"lmtp", 24},
                                                   {"qmqp", 628}});

Result<std::uint16_t> port_of(std::string_view service) {
    if (service.empty()) {
        return std::uint16_t{25};
    }
    if (is_digit(service.front())) {
        std::uint16_t port = 0;
        const auto *end = service.data() + service.size();
        const auto parsed = std::from_chars(service.data(), end, port);
        if (parsed.ec != std::errc() || parsed.ptr != end || port == 0) {
            return failed("the port \"{}\" is not a number from 1 to 65535", service);
        }
        return port;
    }
    const auto is_service_character = [](char c) { return is_label_character(c) || c == '+'; };
    if (!std::all_of(service.begin(), service.end(), is_service_character)) {
        return failed("the port \"{}\" is neither a number nor the name of a service", service);
    }
    const auto *known = std::find_if(kServices.begin(), kServices.end(),
                                     [&](const Service &row) { return row.name == service; });
    return known == kServices.end() ? std::uint16_t{0} : known->port;
}

bool starts_with_ipv6(std::string_view text) {
    constexpr std::string_view kTag = "ipv6:";
    return text.size() >= kTag.size() &&
           std::equal(kTag.begin(), kTag.end(), text.begin(),
                      [](char tag, char c) { return tag == c || tag == c + ('a' - 'A'); });
}

/// Fills host and service from "[host]:service", "[host]" or "[IPv6:address]".
Result<void> parse_bracketed(std::string_view text, Relayhost &relayhost) {
    text.remove_prefix(1);
    const bool tagged = starts_with_ipv6(text);
    if (tagged) {
        text.remove_prefix(5);
    }
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) {
        return failed(R"(missing "]")");
    }
    relayhost.host = text.substr(0, bracket);
    text.remove_prefix(bracket + 1);
    if (!text.empty() && text.front() != ':') {
        return failed(R"(garbage after "]")");
    }
    if (tagged && !is_address_of(AF_INET6, relayhost.host)) {
        return failed("malformed IPv6 address");
    }
    relayhost.service = text.substr(std::min<std::size_t>(1, text.size()));
    return {};
}

/// Fills host and service from "host:service" or "host".
void parse_bare(std::string_view text, Relayhost &relayhost) {
    const auto colon = text.rfind(':');
    relayhost.host = text.substr(0, colon);
    relayhost.service = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    relayhost.mx_lookup = true;
}

}  // namespace

Result<Relayhost> parse_relayhost(std::string_view written) {
    Relayhost relayhost;
    relayhost.written = written;
    if (written.starts_with('[')) {
        if (const auto parsed = parse_bracketed(written, relayhost); !parsed) {
            return failed("relayhost \"{}\": {}", written, parsed.error().message());
        }
    } else {
        parse_bare(written, relayhost);
    }
    relayhost.is_address =
        is_address_of(AF_INET, relayhost.host) || is_address_of(AF_INET6, relayhost.host);
    if (!relayhost.is_address && !is_host_name(relayhost.host)) {
        return failed(R"(relayhost "{}": "{}" is neither a host name nor an address)", written,
                      relayhost.host);
    }
    const auto port = port_of(relayhost.service);
    if (!port) {
        return failed("relayhost \"{}\": {}", written, port.error().message());
    }
    relayhost.port = *port;
    return relayhost;
}

std::string in_brackets(const Relayhost &relayhost) {
    return relayhost.service.empty() ? fmt::format("[{}]", relayhost.host)
                                     : fmt::format("[{}]:{}", relayhost.host, relayhost.service);
}

Result<std::vector<Relayhost>> parse_relayhosts(std::string_view value) {
    std::vector<Relayhost> relayhosts;
    for (;;) {
        const auto start = value.find_first_not_of(kSeparators);
        if (start == std::string_view::npos) {
            return relayhosts;
        }
        value.remove_prefix(start);
        const auto end = std::min(value.find_first_of(kSeparators), value.size());
        auto relayhost = parse_relayhost(value.substr(0, end));
        if (!relayhost) {
            return relayhost.error();
        }
        relayhosts.push_back(*std::move(relayhost));
        value.remove_prefix(end);
    }
}

}  // namespace mail_relay
