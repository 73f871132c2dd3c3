#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"

namespace mail_relay {

enum class DnsRecord { kA, kAaaa, kMx, kPtr, kTxt };

struct DnsQuestion {
    DnsRecord record = DnsRecord::kA;
    std::string name;  ///< a host or domain name; an address for kPtr
};

/// Whom to ask. The default is what this host's own programs do.
struct DnsSettings {
    std::vector<std::string>
        servers;  ///< "192.0.2.1", "192.0.2.1:53", "[::1]:53"; else resolv_conf
    std::string resolv_conf = "/etc/resolv.conf";
    std::string hosts_file = "/etc/hosts";
    bool use_hosts = true;  ///< hosts file first, for addresses and names of addresses
    bool use_dns = true;
    bool use_search_domains = true;
    bool ask_authenticated = false;  ///< let the servers tell what DNSSEC says of their answers
};

enum class DnsStatus {
    kFound,
    kNoSuchName,     ///< the name does not exist
    kNoData,         ///< the name exists, but has no such record
    kTimeout,        ///< no answer within the deadline
    kServerFailure,  ///< the servers answered with a failure, or cannot be reached
    kBadName,        ///< no name that could be asked for
};

struct MxRecord {
    std::string host;
    std::uint16_t preference = 0;
};

/// What is known of one question. Of more than 64 records the first 64 are kept.
struct DnsAnswer {
    DnsQuestion question;
    DnsStatus status = DnsStatus::kServerFailure;
    std::vector<std::string> values;   ///< addresses (A, AAAA), names (PTR) or texts (TXT)
    std::vector<MxRecord> exchangers;  ///< MX, by preference
    std::string error;                 ///< "cannot resolve NAME: no such host"; empty if found
    bool authenticated = false;        ///< the server vouches for it by DNSSEC (AD bit, RFC 4035)
};

/// Asks all questions at once; answers come in the order of the questions, no later than the
/// deadline. Never uses getaddrinfo: a static program cannot.
std::vector<DnsAnswer> look_up(const std::vector<DnsQuestion> &questions,
                               const DnsSettings &settings, Deadline deadline);

}  // namespace mail_relay
