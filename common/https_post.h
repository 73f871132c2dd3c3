#pragma once

#include <string>

#include "common/deadline.h"
#include "common/dns_lookup.h"
#include "common/failure_class.h"
#include "common/secret.h"

namespace mail_relay {

/// A form to be sent to a server that may see its secrets.
struct HttpsPost {
    std::string url;      ///< https only
    Secret form;          ///< application/x-www-form-urlencoded
    std::string ca_file;  ///< empty: default_ca_file()
    DnsSettings dns;
};

/// What came of it: a status with a body (of at most 64 KB), or an error.
struct HttpsAnswer {
    long status = 0;  ///< 0: none
    Secret body;
    FailureClass kind = FailureClass::kOther;  ///< of the error
    std::string error;                         ///< empty if there is a status
};

/// Follows no redirection and uses no proxy.
HttpsAnswer post_https(const HttpsPost &post, Deadline deadline);

/// One field of a form: "name=value", encoded.
std::string form_field(std::string_view name, std::string_view value);

}  // namespace mail_relay
