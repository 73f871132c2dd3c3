#include "special_agent/block_list.h"

#include <algorithm>
#include <charconv>

#include "common/reverse_domain.h"

namespace mail_relay::roundtrip {

namespace {

constexpr std::string_view kListingPrefix = "127.0.0.";
constexpr int kFirstListing = 2;
constexpr int kLastListing = 11;
constexpr std::size_t kLongestReason = 300;

bool is_listing(std::string_view code) {
    if (!code.starts_with(kListingPrefix)) {
        return false;
    }
    code.remove_prefix(kListingPrefix.size());
    int last = 0;
    const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), last);
    return error == std::errc() && end == code.data() + code.size() && last >= kFirstListing &&
           last <= kLastListing;
}

BlockListAnswer judge(const std::string &zone, const DnsAnswer &codes, const DnsAnswer &reason) {
    BlockListAnswer answer{zone, BlockListAnswer::Kind::kUnknown, codes.values, {}};
    switch (codes.status) {
        case DnsStatus::kFound:
            answer.kind = judge_codes(codes.values);
            if (!reason.values.empty()) {
                answer.text = reason.values.front().substr(0, kLongestReason);
            } else if (answer.kind == BlockListAnswer::Kind::kUnknown) {
                answer.text =
                    "the answer is no listing: the list refuses this resolver, or the "
                    "resolver answers every name";
            }
            break;
        case DnsStatus::kNoSuchName:
        case DnsStatus::kNoData:
            answer.kind = BlockListAnswer::Kind::kNotListed;
            break;
        default:
            answer.text = codes.error;
    }
    return answer;
}

}  // namespace

BlockListAnswer::Kind judge_codes(const std::vector<std::string> &codes) {
    const bool all_are_listings =
        !codes.empty() && std::all_of(codes.begin(), codes.end(), is_listing);
    return all_are_listings ? BlockListAnswer::Kind::kListed : BlockListAnswer::Kind::kUnknown;
}

std::vector<BlockListAnswer> ask_block_lists(std::string_view address,
                                             const std::vector<std::string> &zones,
                                             const DnsSettings &dns, Deadline deadline) {
    std::vector<DnsQuestion> questions;
    for (const std::string &zone : zones) {
        const std::string name = reverse_domain(address, zone);
        questions.push_back({DnsRecord::kA, name});
        questions.push_back({DnsRecord::kTxt, name});
    }
    const std::vector<DnsAnswer> replies = look_up(questions, dns, deadline);
    std::vector<BlockListAnswer> answers;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        answers.push_back(judge(zones[i], replies.at(2 * i), replies.at(2 * i + 1)));
    }
    return answers;
}

}  // namespace mail_relay::roundtrip
