#include "common/host_addresses.h"

#include <algorithm>
#include <utility>

#include "common/hosts_file.h"

namespace mail_relay {

namespace {

using Addresses = std::vector<std::string>;

constexpr std::chrono::milliseconds kLongestResolution{5000};

bool is_of_family(std::string_view address, DnsRecord record) {
    return (address.find(':') != std::string_view::npos) == (record == DnsRecord::kAaaa);
}

Addresses in_turns(const Addresses &first, const Addresses &second) {
    Addresses all;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) {
            all.push_back(first[i]);
        }
        if (i < second.size()) {
            all.push_back(second[i]);
        }
    }
    return all;
}

bool is_wanted(DnsRecord record, AddressFamily family) {
    return family == AddressFamily::kAny ||
           (record == DnsRecord::kA) == (family == AddressFamily::kIPv4);
}

// Of two answers without an address, which one to report: a failure of the servers rather than that
// there is nothing.
int gravity(DnsStatus status) {
    return status == DnsStatus::kNoData ? 0 : status == DnsStatus::kNoSuchName ? 1 : 2;
}

std::string_view without_brackets(std::string_view host) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']'
               ? host.substr(1, host.size() - 2)
               : host;
}

}  // namespace

HostAddresses resolve_host(std::string_view host, AddressFamily family, const DnsSettings &settings,
                           Deadline deadline) {
    const std::string name(without_brackets(host));
    const auto literal = canonical_address(name);
    std::vector<DnsQuestion> questions;
    for (const auto record : {DnsRecord::kAaaa, DnsRecord::kA}) {
        if (is_wanted(record, family)) {
            questions.push_back({record, name});
        }
    }
    if (!literal.empty()) {
        const bool fits = std::any_of(questions.begin(), questions.end(), [&](const auto &asked) {
            return is_of_family(literal, asked.record);
        });
        return fits ? HostAddresses{DnsStatus::kFound, {literal}, ""}
                    : HostAddresses{DnsStatus::kNoData, {}, name + " is of the other family"};
    }
    // The answer for one family may never come: not to be waited for to the very end.
    const auto answers = look_up(questions, settings, deadline.within(kLongestResolution));
    auto addresses =
        in_turns(answers.front().values, answers.size() > 1 ? answers.back().values : Addresses());
    if (!addresses.empty()) {
        return {DnsStatus::kFound, std::move(addresses), ""};
    }
    const auto &worst = *std::max_element(
        answers.begin(), answers.end(),
        [](const auto &l, const auto &r) { return gravity(l.status) < gravity(r.status); });
    return {worst.status,
            {},
            worst.status == DnsStatus::kNoData ? "cannot resolve " + name + ": it has no address"
                                               : worst.error};
}

}  // namespace mail_relay
