#include "special_agent/deliverability.h"

#include <algorithm>

#include "common/hosts_file.h"
#include "special_agent/header_fields.h"

namespace mail_relay::roundtrip {

namespace {

/// Whether one of the addresses of `name` is `address`.
std::optional<bool> confirm_forward(const std::string &name, const std::string &address,
                                    const DnsSettings &dns, Deadline deadline) {
    const bool is_v6 = is_ipv6(address);
    const auto answers = look_up({{is_v6 ? DnsRecord::kAaaa : DnsRecord::kA, name}}, dns, deadline);
    const DnsAnswer &answer = answers.front();
    if (answer.status == DnsStatus::kTimeout || answer.status == DnsStatus::kServerFailure) {
        return std::nullopt;
    }
    return std::find(answer.values.begin(), answer.values.end(), address) != answer.values.end();
}

SendingHost look_at_sender(const std::string &address, const DnsSettings &dns, Deadline deadline,
                           Problems &problems) {
    SendingHost sender{address, is_public_address(address), {}, {}};
    const auto answers = look_up({{DnsRecord::kPtr, address}}, dns, deadline);
    const DnsAnswer &answer = answers.front();
    if (answer.status == DnsStatus::kFound && !answer.values.empty()) {
        sender.reverse_name = answer.values.front();
        sender.forward_confirmed = confirm_forward(*sender.reverse_name, address, dns, deadline);
    } else if (answer.status == DnsStatus::kNoSuchName || answer.status == DnsStatus::kNoData) {
        sender.reverse_name = "";
        sender.forward_confirmed = false;
    } else {
        problems.push_back({"sending_address.reverse_name", answer.error});
    }
    return sender;
}

}  // namespace

Deliverability gather_deliverability(const LoopDefinition &loop, const FoundMail &mail,
                                     const Arrival &arrival, const DnsSettings &dns,
                                     Deadline deadline) {
    Deliverability result;
    result.arrival = arrival;
    result.role = mail.role;
    result.authentication =
        judge_authentication(header_values(mail.headers, "Authentication-Results"), loop.authority);
    // Received headers know whole seconds only: so must the time before the first of them.
    const std::int64_t sent_s = arrival.probe.sent_ms / 1000;
    result.hops = trace_hops(header_values(mail.headers, "Received"), static_cast<double>(sent_s));
    const std::string address = sending_address(result.hops);
    if (!address.empty()) {
        // A search domain that answers every name would have each address listed.
        DnsSettings whole_names = dns;
        whole_names.use_search_domains = false;
        result.sender = look_at_sender(address, whole_names, deadline, result.problems);
        if (result.sender->is_public) {
            result.block_lists = ask_block_lists(address, loop.block_lists, whole_names, deadline);
        }
    }
    return result;
}

}  // namespace mail_relay::roundtrip
