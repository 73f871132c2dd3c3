#include "common/hosts_file.h"

#include <arpa/inet.h>

#include <array>

#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr std::size_t kMostResults = 64;
constexpr std::string_view kBlanks = " \t\r";

std::string_view take_word(std::string_view &rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    const auto word = rest.substr(0, rest.find_first_of(kBlanks));
    rest.remove_prefix(word.size());
    return word;
}

}  // namespace

HostsFile::HostsFile(std::string_view text) : text_(text) {
    for (std::string_view rest = text_; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        line = line.substr(0, line.find('#'));
        Line entry{take_word(line), {}};
        for (auto name = take_word(line); !name.empty(); name = take_word(line)) {
            entry.names.push_back(name);
        }
        if (!entry.names.empty()) {
            lines_.push_back(std::move(entry));
        }
    }
}

std::vector<std::string> HostsFile::addresses_of(std::string_view name) const {
    std::vector<std::string> addresses;
    for (const auto &line : lines_) {
        for (const auto known : line.names) {
            const auto address = same_word(known, name) ? canonical_address(line.address) : "";
            if (!address.empty() && addresses.size() < kMostResults) {
                addresses.push_back(address);
                break;
            }
        }
    }
    return addresses;
}

std::vector<std::string> HostsFile::names_of(std::string_view address) const {
    const auto wanted = canonical_address(address);
    std::vector<std::string> names;
    for (const auto &line : lines_) {
        if (wanted.empty() || canonical_address(line.address) != wanted) {
            continue;
        }
        for (const auto name : line.names) {
            if (names.size() < kMostResults) {
                names.emplace_back(name);
            }
        }
    }
    return names;
}

std::string canonical_address(std::string_view address) {
    const std::string text(address);
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    std::array<char, INET6_ADDRSTRLEN> shown{};
    for (const int family : {AF_INET, AF_INET6}) {
        if (::inet_pton(family, text.c_str(), binary.data()) == 1 &&
            text.find('\0') == std::string::npos) {
            return ::inet_ntop(family, binary.data(), shown.data(), shown.size());
        }
    }
    return "";
}

}  // namespace mail_relay
