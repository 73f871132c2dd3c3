#pragma once

#include <string_view>

#include "common/dns_lookup.h"

namespace mail_relay {

/// A record's type as it goes over the wire. Source: RFC 1035 3.2.2, RFC 3596.
int wire_type(DnsRecord record);

/// Puts what a server's reply holds into `answer`: the records of the type that was asked for.
/// Fails with a status of c-ares; the answer says nothing then.
int read_dns_reply(const unsigned char *reply, int length, DnsAnswer &answer);

/// Notes why there is no answer: in words, or by a status of c-ares.
void note_failure(DnsAnswer &answer, DnsStatus status, std::string_view why);
void note_failure(DnsAnswer &answer, int ares_status);
void note_no_record(DnsAnswer &answer);

}  // namespace mail_relay
