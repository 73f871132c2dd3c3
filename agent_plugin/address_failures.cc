#include "agent_plugin/address_failures.h"

namespace mail_relay {

namespace {

bool is_connect_failure(FailureClass kind) {
    return kind == FailureClass::kRefused || kind == FailureClass::kTimeout ||
           kind == FailureClass::kUnreachable || kind == FailureClass::kUnreachableIpv6;
}

bool says_no(const Failure &failure) {
    return failure.reply && (failure.reply->starts_with('4') || failure.reply->starts_with('5'));
}

Addresses &place_of(const SmtpLook &look, const Failure &failure, TlsMode mode,
                    FailedAddresses &failed) {
    switch (failure.kind) {
        case FailureClass::kUnreachableIpv6:
            return failed.no_route;
        case FailureClass::kTlsNotOffered:
            return failed.without_starttls;
        case FailureClass::kTlsVerify:
            return failed.not_trusted;
        case FailureClass::kTlsHandshake:
            return mode == TlsMode::kImplicit && look.speaks_tls_first == false
                       ? failed.in_plaintext
                       : failed.broken_tls;
        case FailureClass::kLocalDataError:
            return failed.without_own_tls;
        default:
            break;
    }
    return !look.connected || is_connect_failure(failure.kind) ? failed.not_connected
           : look.speaks_tls_first == true                     ? failed.expecting_tls
           : says_no(failure)                                  ? failed.refusing
                                                               : failed.broken;
}

}  // namespace

FailedAddresses sort_failures(const RelayLook &relay) {
    FailedAddresses failed;
    for (const AddressLook &address : relay.addresses) {
        if (const auto &failure = address.look.seen.failure) {
            place_of(address.look, *failure, relay.tls_mode, failed).push_back(&address);
        }
    }
    return failed;
}

}  // namespace mail_relay
