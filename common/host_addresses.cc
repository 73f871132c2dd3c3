#include "common/host_addresses.h"

#include <algorithm>
#include <utility>

#include "common/hosts_file.h"

namespace mail_relay {

namespace {

using Addresses = std::vector<std::string>;

constexpr std::chrono::milliseconds kLongestResolution{5000};

bool is_of_family(std::string_view address, DnsRecord record) {
    return is_ipv6(address) == (record == DnsRecord::kAaaa);
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

bool has_addresses(const std::vector<DnsAnswer> &answers) {
    return std::any_of(answers.begin(), answers.end(),
                       [](const auto &answer) { return !answer.values.empty(); });
}

// A name with a dot is whole as a rule: it is asked for as it stands, in both families, before any
// search domain. Else a name with addresses of one family costs one more question for the other,
// and a wildcard of a search domain would answer it with somebody else's address.
std::vector<DnsAnswer> ask(const std::vector<DnsQuestion> &questions, const std::string &name,
                           const DnsSettings &settings, Deadline deadline) {
    if (settings.use_search_domains && name.find('.') != std::string::npos) {
        auto whole = settings;
        whole.use_search_domains = false;
        auto answers = look_up(questions, whole, deadline);
        const bool may_be_short = std::all_of(answers.begin(), answers.end(), [](const auto &a) {
            return a.status == DnsStatus::kNoSuchName || a.status == DnsStatus::kNoData;
        });
        if (has_addresses(answers) || !may_be_short) {
            return answers;
        }
    }
    return look_up(questions, settings, deadline);
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
    const auto answers = ask(questions, name, settings, deadline.within(kLongestResolution));
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
