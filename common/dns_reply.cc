#include "common/dns_reply.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <memory>

namespace mail_relay {

namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kLongestText = 1000;

// Freed by c-ares itself.
template <class Reply>
using Parsed = std::unique_ptr<Reply, void (*)(void *)>;

std::string_view record_name(DnsRecord record) {
    switch (record) {
        case DnsRecord::kA:
            return "A";
        case DnsRecord::kAaaa:
            return "AAAA";
        case DnsRecord::kMx:
            return "MX";
        case DnsRecord::kPtr:
            return "PTR";
        case DnsRecord::kTxt:
            return "TXT";
    }
    return "";
}

template <class Address>
std::string show_address(int family, const Address &address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, &address, text.data(), text.size());
    return text.data();
}

int read_a(const unsigned char *reply, int length, DnsAnswer &answer) {
    std::array<ares_addrttl, kMostRecords> records{};
    int count = static_cast<int>(records.size());
    const int status = ares_parse_a_reply(reply, length, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
        answer.values.push_back(
            show_address(AF_INET, records.at(static_cast<std::size_t>(i)).ipaddr));
    }
    return status;
}

int read_aaaa(const unsigned char *reply, int length, DnsAnswer &answer) {
    std::array<ares_addr6ttl, kMostRecords> records{};
    int count = static_cast<int>(records.size());
    const int status = ares_parse_aaaa_reply(reply, length, nullptr, records.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
        answer.values.push_back(
            show_address(AF_INET6, records.at(static_cast<std::size_t>(i)).ip6addr));
    }
    return status;
}

int read_mx(const unsigned char *reply, int length, DnsAnswer &answer) {
    ares_mx_reply *first = nullptr;
    const int status = ares_parse_mx_reply(reply, length, &first);
    const Parsed<ares_mx_reply> records(first, ares_free_data);
    for (const auto *mx = first; mx != nullptr && answer.exchangers.size() < kMostRecords;
         mx = mx->next) {
        answer.exchangers.push_back({mx->host, mx->priority});
    }
    std::stable_sort(answer.exchangers.begin(), answer.exchangers.end(),
                     [](const auto &l, const auto &r) { return l.preference < r.preference; });
    return status;
}

int read_ptr(const unsigned char *reply, int length, DnsAnswer &answer) {
    hostent *first = nullptr;
    const in_addr unused{};
    const int status = ares_parse_ptr_reply(reply, length, &unused, sizeof unused, AF_INET, &first);
    const std::unique_ptr<hostent, void (*)(hostent *)> host(first, ares_free_hostent);
    for (char **name = host ? host->h_aliases : nullptr;
         name != nullptr && *name != nullptr && answer.values.size() < kMostRecords; ++name) {
        answer.values.emplace_back(*name);
    }
    return status;
}

int read_txt(const unsigned char *reply, int length, DnsAnswer &answer) {
    ares_txt_ext *first = nullptr;
    const int status = ares_parse_txt_reply_ext(reply, length, &first);
    const Parsed<ares_txt_ext> records(first, ares_free_data);
    for (const auto *part = first; part != nullptr; part = part->next) {
        if (part->record_start != 0) {
            if (answer.values.size() == kMostRecords) {
                break;
            }
            answer.values.emplace_back();
        }
        auto &text = answer.values.back();
        for (std::size_t i = 0; i < part->length && text.size() < kLongestText; ++i) {
            const auto byte = static_cast<char>(part->txt[i]);
            text += byte >= ' ' && byte <= '~' ? byte : '?';
        }
    }
    return status;
}

}  // namespace

int wire_type(DnsRecord record) {
    switch (record) {
        case DnsRecord::kA:
            return ns_t_a;
        case DnsRecord::kAaaa:
            return ns_t_aaaa;
        case DnsRecord::kMx:
            return ns_t_mx;
        case DnsRecord::kPtr:
            return ns_t_ptr;
        case DnsRecord::kTxt:
            return ns_t_txt;
    }
    return ns_t_a;
}

void note_failure(DnsAnswer &answer, DnsStatus status, std::string_view why) {
    answer.status = status;
    answer.error = fmt::format("cannot resolve {}: {}", answer.question.name, why);
}

void note_no_record(DnsAnswer &answer) {
    note_failure(answer, DnsStatus::kNoData,
                 fmt::format("no {} record", record_name(answer.question.record)));
}

void note_failure(DnsAnswer &answer, int ares_status) {
    switch (ares_status) {
        case ARES_ENOTFOUND:
            return note_failure(answer, DnsStatus::kNoSuchName, "no such name");
        case ARES_ENODATA:
            return note_no_record(answer);
        case ARES_EBADNAME:
            return note_failure(answer, DnsStatus::kBadName, "not a host name");
        case ARES_ETIMEOUT:
        case ARES_ECANCELLED:
        case ARES_EDESTRUCTION:
            return note_failure(answer, DnsStatus::kTimeout,
                                "no answer from the DNS servers in time");
        case ARES_ECONNREFUSED:
            return note_failure(answer, DnsStatus::kServerFailure,
                                "the DNS servers cannot be reached or answer with a failure");
        default:
            return note_failure(answer, DnsStatus::kServerFailure,
                                fmt::format("DNS: {}", ares_strerror(ares_status)));
    }
}

int read_dns_reply(const unsigned char *reply, int length, DnsAnswer &answer) {
    switch (answer.question.record) {
        case DnsRecord::kA:
            return read_a(reply, length, answer);
        case DnsRecord::kAaaa:
            return read_aaaa(reply, length, answer);
        case DnsRecord::kMx:
            return read_mx(reply, length, answer);
        case DnsRecord::kPtr:
            return read_ptr(reply, length, answer);
        case DnsRecord::kTxt:
            return read_txt(reply, length, answer);
    }
    return ARES_ENOTIMP;
}

}  // namespace mail_relay
